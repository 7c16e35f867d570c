"""The mixture of voices: the tone that fits a voice brief best, with the reason in a sentence and who came next.

Knows nothing of sound: it compares the brief's traits and words with the catalogue's. The same brief, catalogue and
ready models give the same choice; equal scores go by name. `asking.py` lets a language model choose instead.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

from personify.voices.brief import VoiceBrief
from personify.voices.engines import Status, status_of
from personify.voices.errors import BadInput, PersonifyError, unknown_name
from personify.voices.languages import espeak_voice, has_accent, language_of
from personify.voices.models import model_of
from personify.voices.tones import Tone

WEIGHTS = {"gender": 0.30, "age": 0.24, "pitch": 0.12, "pace": 0.14, "energy": 0.06, "words": 0.14}
"""What each trait's distance, 0 to 1, takes off a perfect score of 1; they sum to 1."""
SPECIAL_ASKED = 0.45
"""Added for a tone whose special word the brief's nature, or where it has none its timbre, asks for: a robot sounds
like one, at any age."""
SPECIAL_OF_ANOTHER = 0.30
"""Added instead where the tone is a man's and the character a woman, or the other way round, or only one a child."""
LESS_TELLING = 0.12
"""Taken off that for each word of the nature that comes before the one that fits."""
SPECIAL_UNASKED = 0.25
"""Taken off a special tone that nobody asked for."""
ACCENT = 0.08
"""Added for the accent asked for, taken off for one that wasn't."""
FAMILY = 0.6
"""What a word of the same family counts against the very word."""
_NEUTRAL_ASKED, _NEUTRAL_GIVEN = 0.35, 0.5
"""The gender distance of a man's or woman's voice to a neutral brief, and of a neutral voice to a man's or woman's."""
_ORDINARY_PITCH = {"masculine": 0.28, "feminine": 0.6, "neutral": 0.46}
_PITCH_OF_AGE = {"child": 0.25, "young": 0.08, "adult": 0.0, "elderly": 0.0}
"""Medians of 110 and 190 Hz for men and women and 250 Hz and more for children (Titze 1994), on `measuring`'s scale."""

_AGE_PLACES = {"child": 0.0, "young": 0.6, "adult": 0.75, "elderly": 1.1}
"""Ages on one line: nobody takes a man for a child, and many a woman of thirty for one of twenty."""
_RUNNERS_UP = 3


@dataclass(frozen=True)
class RunnerUp:
    """A tone that was not chosen. `score` runs from 0 to 1, higher fits better."""

    tone_name: str
    score: float
    reason: str


@dataclass(frozen=True)
class ToneChoice:
    """The tone, why in one sentence for the user, and the next best with theirs.

    `note` says what else the user should know: that another tone was asked for, or that a language model's answer was
    of no use.
    """

    tone: Tone
    reason: str
    runners_up: tuple[RunnerUp, ...]
    note: str | None = None


class ToneChooser(Protocol):
    """Something that picks a tone for a brief."""

    def choose(
        self,
        brief: VoiceBrief,
        tones: Mapping[str, Tone],
        *,
        name: str | None = None,
        strict: bool = False,
        about: str = "",
    ) -> ToneChoice:
        """As `choose_tone`; `about` is the description of who is to speak, for those who can read."""
        ...  # fmt: skip


class TraitChooser:
    """Chooses by the distance of traits and by words; see `score`."""

    def choose(
        self,
        brief: VoiceBrief,
        tones: Mapping[str, Tone],
        *,
        name: str | None = None,
        strict: bool = False,
        about: str = "",
    ) -> ToneChoice:
        """`choose_tone`, which reads no descriptions."""
        return choose_tone(brief, tones, name=name, strict=strict)  # fmt: skip


def choose_tone(
    brief: VoiceBrief, tones: Mapping[str, Tone], *, name: str | None = None, strict: bool = False
) -> ToneChoice:
    """The tone of `tones` that fits `brief` best, or the one called `name`, among those whose model is ready.

    Where that one can't speak the brief's language, another does and the note says so; with `strict` it is an error.
    Raises `BadInput` that lists the choices for an unknown name or language, and `PersonifyError` with the way to it
    where the model of the tone, or of every tone of that language, isn't ready.
    """
    language = language_of(brief.language)
    ranked = rank(brief, tones)
    note = None
    if name is not None:
        if name not in tones:
            raise unknown_name("tone", name, list(tones))
        asked = tones[name]
        if asked.speaks(brief.language):
            status = status_of(model_of(asked.model))
            if not status.ready:
                raise PersonifyError(f"tone {name!r} can't be heard yet: {status.lacks}")
            return chosen(brief, asked, ranked, f"{asked.title} was asked for by name")
        if strict:
            able = ", ".join(tone.name for tone in ranked)
            raise BadInput(f"tone {name!r} can't speak {language.name}; choose one of: {able}")
        note = f"{asked.title} can't speak {language.name}, so {ranked[0].title} speaks instead."
    return chosen(brief, ranked[0], ranked, _reason(brief, ranked[0]), note)


def rank(brief: VoiceBrief, tones: Mapping[str, Tone]) -> list[Tone]:
    """The tones of the brief's language whose model is ready, the best first, at least one; raises as `choose_tone`."""
    language = language_of(brief.language)
    able = [tone for tone in tones.values() if tone.speaks(brief.language)]
    if not able:
        raise BadInput(f"no tone speaks {language.name}")
    status: dict[str, Status] = {}
    for tone in able:
        status[tone.model] = status.get(tone.model) or status_of(model_of(tone.model))
    ready = [tone for tone in able if status[tone.model].ready]
    if not ready:
        raise PersonifyError(f"no tone that is here speaks {language.name}; {status[able[0].model].lacks}")
    return sorted(ready, key=lambda tone: (-_fit(brief, tone), tone.name))


def chosen(brief: VoiceBrief, tone: Tone, ranked: list[Tone], reason: str, note: str | None = None) -> ToneChoice:
    """The choice of `tone` for a `reason` without a full stop, with the best of the others."""
    others = [other for other in ranked if other.name != tone.name][:_RUNNERS_UP]
    runners_up = tuple(RunnerUp(other.name, score(brief, other), _runner_up_reason(brief, other)) for other in others)
    return ToneChoice(tone, f"{reason}{_accent_note(brief)}.", runners_up, note)


def score(brief: VoiceBrief, tone: Tone) -> float:
    """How well `tone` fits, 0 to 1; several special tones that were asked for may be at 1."""
    return min(1.0, max(0.0, _fit(brief, tone)))


def _fit(brief: VoiceBrief, tone: Tone) -> float:
    """The score without its ends, rounded so that equal means equal on every machine."""
    total = 1.0 - sum(WEIGHTS[trait] * distance for trait, distance in _distances(brief, tone).items())
    if tone.special:
        asked = _special(brief, tone)
        other = {brief.gender, tone.gender} == {"feminine", "masculine"} or (brief.age == "child") != (
            tone.age == "child"
        )
        bonus = SPECIAL_OF_ANOTHER if other else SPECIAL_ASKED
        total += bonus - LESS_TELLING * asked.place if asked else -SPECIAL_UNASKED
    total += _accent_bonus(brief, tone)
    return round(total, 4)


def _distances(brief: VoiceBrief, tone: Tone) -> dict[str, float]:
    words = _words(brief.timbre)
    heard = sum(_overlap(word, tone) for word in words) / len(words) if words else 1.0
    if brief.gender == tone.gender:
        gender = 0.0
    else:
        gender = _NEUTRAL_ASKED if brief.gender == "neutral" else _NEUTRAL_GIVEN if tone.gender == "neutral" else 1.0
    return {
        "gender": gender,
        "age": min(1.0, abs(_AGE_PLACES[brief.age] - _AGE_PLACES[tone.age])),
        "pitch": abs(_pitch_meant(brief) - tone.pitch),
        "pace": abs(brief.pace - tone.pace),
        "energy": abs(brief.energy - tone.energy),
        "words": 1 - heard,
    }


def _pitch_meant(brief: VoiceBrief) -> float:
    """The brief's pitch on the catalogue's scale: 0.5 in a brief is what is ordinary for that gender and age."""
    return min(1.0, max(0.0, _ORDINARY_PITCH[brief.gender] + _PITCH_OF_AGE[brief.age] + 0.8 * (brief.pitch - 0.5)))


def _accent_bonus(brief: VoiceBrief, tone: Tone) -> float:
    """Accents only matter in a language that has them; who is to sound regal may speak as the posh do."""
    if tone.accent is None or not has_accent(brief.language, tone.accent):
        return 0.0
    if brief.accent is None or not has_accent(brief.language, brief.accent):
        family = _families().get(tone.accent)
        fitting = family is not None and family in {_families().get(word) for word in _words(brief.timbre)}
        return 0.0 if fitting else -ACCENT
    same = espeak_voice(brief.language, brief.accent) == espeak_voice(brief.language, tone.accent)
    return ACCENT if same else -ACCENT


@lru_cache(64)
def _words(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """The single words of a brief's timbre, in order, each once."""
    return tuple(dict.fromkeys(re.findall(r"[^\W\d_]+", " ".join(phrases).lower())))


def _overlap(word: str, tone: Tone) -> float:
    """1 for the tone's very word, less for one of the same family, 0 otherwise."""
    if word in tone.timbre or word in tone.special:
        return 1.0
    family = _families().get(word)
    return FAMILY if family and family in {_families().get(own) for own in tone.timbre} else 0.0


class _Special(NamedTuple):
    """A special word that the brief asks for, and how many more telling ones it has before it."""

    word: str
    place: int


def _special(brief: VoiceBrief, tone: Tone) -> _Special | None:
    """The brief's most telling word that asks for this tone's nature; a church bell is a bell, and no church."""
    asked = brief.nature or (" ".join(brief.timbre),)
    end = r"s?$" if brief.nature else r"s?\b"
    for place, text in enumerate(asked):
        for own in tone.special:
            if _word(own, end).search(text.lower()):
                return _Special(own, place)
    return None


@cache
def _word(word: str, end: str) -> re.Pattern[str]:
    """A special word of some tone; more of them than `re` remembers."""
    return re.compile(rf"\b{re.escape(word)}{end}")


@cache
def _families() -> dict[str, str]:
    """Word to the name of its family."""
    families = tomllib.loads(Path(__file__).with_name("timbre.toml").read_text("utf-8"))["families"]
    return {word: family for family, words in families.items() for word in words}


def _reason(brief: VoiceBrief, tone: Tone) -> str:
    """Why the tone fits: the words it shares with the brief, then the traits that are near."""
    asked = _special(brief, tone)
    special = asked.word if asked else None
    shared = [word for word in _words(brief.timbre) if word != special and _overlap(word, tone) > 0]
    if special:
        also = f" and it sounds {_listed(shared)}" if shared else ""
        return f"{tone.title} fits best: it is made for this kind of character ({special}){also}"
    levels = _levels(tone)
    if not shared:
        return (
            f"{tone.title} fits best: {_speaker(tone)}, {_listed(levels) if levels else 'of ordinary pitch and pace'}"
        )
    return f"{tone.title} fits best: {_speaker(tone)} that sounds {_listed(list(dict.fromkeys(shared + levels)))}"


def _runner_up_reason(brief: VoiceBrief, tone: Tone) -> str:
    """What speaks for it, and what kept it from being chosen."""
    shared = [word for word in _words(brief.timbre) if _overlap(word, tone) > 0]
    distances = {t: WEIGHTS[t] * d for t, d in _distances(brief, tone).items()}
    worst = max(sorted(distances), key=lambda trait: distances[trait])
    against = {
        "gender": f"its voice is {tone.gender}",
        "age": f"its age is {tone.age}",
        "pitch": "it is higher" if tone.pitch > _pitch_meant(brief) else "it is lower",
        "pace": "it speaks faster" if tone.pace > brief.pace else "it speaks slower",
        "energy": "it is livelier" if tone.energy > brief.energy else "it is sleepier",
        "words": "it lacks the sound asked for" if not shared else "it has only some of the sound asked for",
    }[worst]
    if tone.special and not _special(brief, tone):
        against = f"it is meant for a {tone.special[0]}"
    return f"{_listed(shared).capitalize()}, but {against}" if shared else f"Near in its traits, but {against}"


def _speaker(tone: Tone) -> str:
    """Such as "an elderly woman's voice"."""
    who = {
        "child": {"masculine": "a boy's", "feminine": "a girl's", "neutral": "a child's"},
        "young": {"masculine": "a young man's", "feminine": "a young woman's", "neutral": "a young"},
        "adult": {"masculine": "a man's", "feminine": "a woman's", "neutral": "a neutral"},
        "elderly": {"masculine": "an old man's", "feminine": "an old woman's", "neutral": "an old"},
    }
    return f"{who[tone.age][tone.gender]} voice"


def _levels(tone: Tone) -> list[str]:
    """Pitch, pace and energy in words; what is ordinary goes unsaid."""
    return [
        word
        for level, low, high in (
            (tone.pitch, "low", "high"),
            (tone.pace, "unhurried", "quick"),
            (tone.energy, "quiet", "lively"),
        )
        if (word := low if level < 0.4 else high if level > 0.6 else "")
    ]


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else ""


def _accent_note(brief: VoiceBrief) -> str:
    """Says so where the accent asked for can't be had."""
    if brief.accent is None or has_accent(brief.language, brief.accent):
        return ""
    return f"; there is no {brief.accent} accent for {language_of(brief.language).name}, so it speaks without"
