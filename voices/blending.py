"""A tone between two tones of one model: their speakers blended, their prosody and traits half-way.

Knows nothing of how an engine blends its speakers: it only says which two, and how far.
"""

from typing import TypeVar, get_args

from personify.voices.brief import Age
from personify.voices.effects import Size
from personify.voices.errors import BadInput
from personify.voices.tones import Blend, Prosody, Tone

_AGES: tuple[Age, ...] = get_args(Age)
_BETWEEN = (0.35, 0.65)
"""Within these shares a voice between a man's and a woman's is neither."""

_Item = TypeVar("_Item")


def blended(first: Tone, second: Tone, share: float) -> Tone:
    """The tone that lies `share` of the way from `first` to `second`, 0 to 1 without both ends.

    Speaker, prosody and energy lie between the two; the body's size too. What can't (effects, accent, what the voice is
    made for) is the nearer one's. Nobody has heard it yet, so that its `traits` are None: `measured.measure_tone` finds
    them. Raises `BadInput` for tones of two models, for blends of blends, for recordings, and for shares that are none.
    """
    if not 0 < share < 1:
        raise BadInput(f"a blend's share lies between 0 and 1, not at {share:g}")
    if first.model != second.model:
        raise BadInput(
            f"{first.name!r} and {second.name!r} can't be blended: they are voices of {first.model} and {second.model}"
        )
    for tone in (first, second):
        if tone.blend:
            raise BadInput(f"tone {tone.name!r} is a blend already; blend {tone.speaker!r} or {tone.blend.speaker!r}")
        if tone.sample:
            raise BadInput(f"tone {tone.name!r} is cloned from a recording and can't be blended; choose another")
    nearer, other = (second, first) if share >= 0.5 else (first, second)
    same_speaker = first.speaker == second.speaker
    return nearer.model_copy(
        update={
            "name": f"{first.name}-{second.name}-{round(100 * share)}",
            "title": f"{first.title} and {second.title}"[:40].rstrip(),
            "description": f"{share:.0%} of the way from {first.title[:60]} to {second.title[:60]}.",
            "speaker": first.speaker,
            "blend": None if same_speaker else Blend(speaker=second.speaker, share=share),
            "gender": _gender(first, second, share),
            "age": _AGES[round(_line(_AGES.index(first.age), _AGES.index(second.age), share))],
            "energy": round(_line(first.energy, second.energy, share), 3),
            "timbre": _few((*nearer.timbre[:3], *other.timbre[:2], *nearer.timbre[3:]), 5),
            "languages": _common(first, second),
            "prosody": _prosody(first.prosody, second.prosody, share),
            "effects": _effects(first, second, share),
            "traits": None,
        }
    )


def _line(a: float, b: float, share: float) -> float:
    return a + (b - a) * share


def _gender(first: Tone, second: Tone, share: float) -> str:
    if first.gender != second.gender and _BETWEEN[0] <= share <= _BETWEEN[1]:
        return "neutral"
    return second.gender if share >= 0.5 else first.gender


def _prosody(first: Prosody, second: Prosody, share: float) -> Prosody:
    """Each number between the two; the rate as a ratio, which is how it is heard."""
    return Prosody(
        pitch=round(_line(first.pitch, second.pitch, share)),
        range=round(_line(first.range, second.range, share)),
        rate_wpm=round(first.rate_wpm ** (1 - share) * second.rate_wpm**share),
        volume=round(_line(first.volume, second.volume, share)),
    )


def _effects(first: Tone, second: Tone, share: float) -> tuple[object, ...]:
    """The nearer tone's chain, on a body whose size lies between."""
    nearer = second if share >= 0.5 else first
    rest = tuple(step for step in nearer.effects if not isinstance(step, Size))
    factor = first.stretch ** (1 - share) * second.stretch**share
    return rest if factor == 1 else (Size(effect="size", factor=factor), *rest)


def _common(first: Tone, second: Tone) -> tuple[str, ...] | str:
    """The languages that both speak."""
    if isinstance(first.languages, str):
        return second.languages
    if isinstance(second.languages, str):
        return first.languages
    both = tuple(tag for tag in first.languages if second.speaks(tag))
    if not both:
        raise BadInput(f"{first.name!r} and {second.name!r} can't be blended: they have no language in common")
    return both


def _few(items: tuple[_Item, ...], count: int) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(items))[:count]
