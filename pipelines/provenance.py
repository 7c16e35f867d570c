"""Provenance: what a picture, a sound, a clip or a page says of how it was made, and by which machine.

The same record goes into every format: as a sentence for people, as JSON for programs, and as XMP with the IPTC's term
for where it comes from. A portrait and a sound say only what they themselves hang on, so that they stay true, byte for
byte, when something else about the avatar is changed.
"""

import struct
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from personify.avatar.portrait import Guidance
from personify.pipelines.bundle import MACHINE_MADE, AvatarRecord, ToneRecord, key_of, now
from personify.voices.errors import BadInput

if TYPE_CHECKING:
    from personify.voices.tags import Tags

What = Literal["portrait", "card", "speech", "clip", "page"]
SourceType = Literal[
    "algorithmicMedia", "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic"
]
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""The IPTC's vocabulary that XMP, C2PA and schema.org share."""
SOFTWARE = "Personify"
FROM_A_CARD = "This picture came with a character card; what made it is not known here."
_SPOKEN_BY_RULES = "espeak"
_DRAWN_BY_RULES = "sketch"
_LONGEST = 600

Short = Annotated[str, Field(max_length=1000)]


class _Said(BaseModel):
    """Read from files of any version and maker, so what isn't known is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Drawn(_Said):
    """Who drew the face. `licence` is that of the models, None where it isn't known; `commercial` whether it lets the
    picture be sold."""

    expert: Short
    licence: Short | None = None
    commercial: bool | None = None
    seed: int
    guidance: Guidance
    guide: Literal["sketch", "image"] | None = None

    @property
    def kept(self) -> bool:
        """Whether nobody drew it: it is the very picture that came with a character card."""
        return self.guidance == "none" and self.guide == "image"


class Spoken(_Said):
    """Whose voice it is; `tone` None is a recording that the user gave. Licence: see `Drawn`."""

    tone: Short | None = None
    voice_model: Short | None = None
    licence: Short | None = None
    commercial: bool | None = None


class Shown(_Said):
    """A character that is seen or heard, called `name` when the file was made. `key` tells it from others; `seed` is
    what it was made from."""

    name: Short | None = None
    description: Short | None = None
    key: Short | None = None
    seed: int | None = None
    drawn: Drawn | None = None
    spoken: Spoken | None = None


class Provenance(_Said):
    """How one file came to be. `head` is the talking head that moved the face, `words_by` the language model that wrote
    the persona, None where rules did."""

    notice: Short
    software: Short = SOFTWARE
    version: Short = Field(default_factory=lambda: version("personify"))
    what: What
    source_type: SourceType | None = Field(None, description="None for what Personify only hands on")
    characters: tuple[Shown, ...] = Field((), max_length=64)
    head: Short | None = None
    words_by: Short | None = None
    created: Short | None = Field(None, description="UTC, ISO 8601; None where the same seed gives the same bytes")


def of(
    record: AvatarRecord,
    what: What,
    *,
    tone: ToneRecord | None = None,
    recorded: bool = False,
    created: str | None = None,
) -> Provenance:
    """What a file of this avatar says. `tone`: the one that speaks, where it isn't the avatar's own; `recorded`: a
    recording of the user's speaks instead; `created`: when, if not when the avatar was."""
    return of_cast([(record, tone or record.tone)], what, recorded=recorded, created=created or record.created)


def of_cast(
    cast: Iterable[tuple[AvatarRecord, ToneRecord]],
    what: What,
    *,
    recorded: bool = False,
    created: str | None = None,
) -> Provenance:
    """What a file says that shows several avatars, each with the tone that it speaks in."""
    seen = what != "speech"
    heard = what not in ("portrait", "card")
    cast = list(cast)
    first = cast[0][0]
    shown = tuple(
        Shown(
            name=record.persona.name if what != "portrait" else None,
            description=_short(record.persona.description),
            key=key_of(record.persona.description, record.seed),
            seed=record.seed,
            drawn=_drawn(record) if seen else None,
            spoken=_spoken(tone, recorded) if heard else None,
        )
        for record, tone in cast
    )
    still = what == "portrait"
    return Provenance(
        notice=_notice(shown),
        what=what,
        source_type=source_type(shown),
        characters=shown,
        head=first.head if what in ("clip", "page") else None,
        words_by=None if still or first.usage is None else first.usage.model,
        created=None if still else created or now(),
    )


def of_tone(tone: ToneRecord) -> Provenance:
    """What a sound says in which nobody but a tone is heard."""
    shown = (Shown(spoken=_spoken(tone, recorded=False)),)
    return Provenance(
        notice="Made by a machine: this voice is synthetic.",
        what="speech",
        source_type=source_type(shown),
        characters=shown,
        created=now(),
    )


def source_type(characters: Iterable[Shown]) -> SourceType | None:
    """The IPTC's term that fits them all: rules alone, trained models, with a picture or a recording of the user's;
    None for pictures that came from elsewhere and are as they were."""
    characters = tuple(characters)
    drawn = [each.drawn for each in characters if each.drawn]
    spoken = [each.spoken for each in characters if each.spoken]
    kept = any(each.kept for each in drawn)
    if kept and not spoken:
        return None
    if kept or any(each.tone is None for each in spoken):
        return "compositeSynthetic"
    if any(each.guide == "image" for each in drawn):
        return "compositeWithTrainedAlgorithmicMedia"
    by_rules = all(each.expert == _DRAWN_BY_RULES for each in drawn) and all(
        each.voice_model == _SPOKEN_BY_RULES for each in spoken
    )
    return "algorithmicMedia" if by_rules else "trainedAlgorithmicMedia"


def sentence(said: Provenance) -> str:
    """All of it in a few sentences for people."""
    several = len(said.characters) > 1
    told = [said.notice, *(_of_one(each, several) for each in said.characters), f"{said.software} {said.version}."]
    return " ".join(told)


def _of_one(each: Shown, several: bool) -> str:
    parts = []
    if each.drawn and not each.drawn.kept:
        guide = {"image": ", guided by a picture of the user's", "sketch": ", guided by a sketch"}
        parts.append(
            f"drawn by {each.drawn.expert} ({_licence(each.drawn)}), seed {each.drawn.seed}"
            f"{guide.get(each.drawn.guide or '', '')}"
        )
    if each.spoken and each.spoken.tone:
        model = each.spoken.voice_model or "voice model unknown"
        parts.append(f"spoken by {each.spoken.tone} ({model}: {_licence(each.spoken)})")
    elif each.spoken:
        parts.append("spoken by a recording")
    if each.seed is not None and each.description:
        parts.append(f"made from seed {each.seed} and the words: {each.description}")
    words = "; ".join(parts)
    return f"{each.name or 'A character'}: {words}." if several else f"{words[:1].upper()}{words[1:]}."


def tags_of(said: Provenance) -> "Tags":
    """The tags that a file gets."""
    from personify.pipelines.xmp import packet
    from personify.voices.tags import Tags

    return Tags(
        title=title_of(said),
        comment=sentence(said),
        software=f"{said.software} {said.version}",
        record=said.model_dump_json(exclude_none=True),
        xmp=packet(said),
        date=said.created,
    )


def title_of(said: Provenance) -> str:
    """Who is seen or heard."""
    names = [each.name or each.description or (each.spoken and each.spoken.tone) for each in said.characters]
    return ", ".join(name for name in names if name) or said.software


def stamp(path: Path, said: Provenance) -> None:
    """Lets a finished PNG, WAV or MP4 say how it was made, and signs it where the user has a certificate for that.

    The last thing that is done to a file: a signature covers every byte. What Personify only hands on isn't signed.
    Raises `BadInput` for another format and for a damaged file, and `PersonifyError` where it can't be signed.
    """
    from personify.pipelines.containers import container_of
    from personify.pipelines.credentials import find_credentials

    tags = tags_of(said)
    try:
        container_of(path).write_tags(path, tags)
    except (EOFError, struct.error, ValueError) as error:
        raise BadInput(f"{path.name} is damaged: {error}") from error
    credentials = find_credentials()
    if credentials is not None and said.source_type is not None:
        credentials.sign(path, said)


def _notice(shown: Iterable[Shown]) -> str:
    """What of it a machine made."""
    shown = tuple(shown)
    kept = any(each.drawn and each.drawn.kept for each in shown)
    recorded = any(each.spoken and each.spoken.tone is None for each in shown)
    if kept and not any(each.spoken for each in shown):
        return FROM_A_CARD
    if not kept and not recorded:
        return MACHINE_MADE
    face = (
        "its motion is synthetic, the picture came with a character card"
        if kept
        else "the face and its motion are synthetic"
    )
    return f"Made by a machine: {face}; the voice is {'a recording' if recorded else 'synthetic'}."


def _drawn(record: AvatarRecord) -> Drawn:
    made = record.portrait
    return Drawn(
        expert=made.expert, licence=made.licence, commercial=made.commercial, seed=made.seed, guidance=made.guidance,
        guide=made.guide,
    )  # fmt: skip


def _spoken(tone: ToneRecord, recorded: bool) -> Spoken:
    if recorded:
        return Spoken(tone=None)
    return Spoken(tone=tone.name, voice_model=tone.voice_model, licence=tone.licence, commercial=tone.commercial)


def _licence(made: Drawn | Spoken) -> str:
    if made.licence is None:
        return "licence unknown"
    return f"{made.licence}, not for sale" if made.commercial is False else made.licence


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
