"""Provenance: what a picture, a sound, a clip or a page says of how it was made, and by which machine.

The same record goes into every format: as a sentence for people, as JSON for programs, and as XMP with the IPTC's term
for where it comes from. A portrait and a sound say only what they themselves hang on, so that they stay true, byte for
byte, when something else about the avatar is changed.
"""

import struct
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from personify.avatar.heads import BUILTIN as BUILTIN_HEAD
from personify.avatar.portrait import Guidance
from personify.pipelines.bundle import MACHINE_MADE, AvatarRecord, ToneRecord, key_of, now
from personify.voices.errors import BadInput, PersonifyError

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
VOICE_MADE = "Made by a machine: this voice is synthetic."
_SPOKEN_BY_RULES = "espeak"
_DRAWN_BY_RULES = "sketch"
_WRITTEN_BY_RULES = "builtin"
CARD_WROTE, MODEL_WROTE = "character card, ", "language model "
"""How `Persona.writer` begins where a card or a language model had a part in it."""
_LONGEST = 600
_MOST_VOICES = 32

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
    what it was made from; `also_spoken` are the voices beside the first, where a text in another language has one."""

    name: Short | None = None
    description: Short | None = None
    key: Short | None = None
    seed: int | None = None
    drawn: Drawn | None = None
    spoken: Spoken | None = None
    also_spoken: Annotated[tuple[Spoken, ...], Field(max_length=_MOST_VOICES)] | None = None

    @property
    def voices(self) -> tuple[Spoken, ...]:
        """All that it speaks with."""
        return (*((self.spoken,) if self.spoken else ()), *(self.also_spoken or ()))


class Provenance(_Said):
    """How one file came to be. `head` is the talking head that moved the face, `words_by` who wrote the persona, a
    language model as a rule; None where Personify's own rules did."""

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
    tones: Sequence[ToneRecord] = (),
    recorded: bool = False,
    head: str | None = None,
    created: str | None = None,
) -> Provenance:
    """What a file of this avatar says. `tones`: those that speak, where they aren't the avatar's own; `recorded`: a
    recording of the user's speaks instead; `head`: the talking head that moves the face, where it isn't that of the
    avatar's own clip; `created`: when, if not when the avatar was."""
    return of_cast(
        [(record, tones or (record.tone,))], what,
        recorded=recorded, head=head or record.head, created=created or record.created,
    )  # fmt: skip


def of_cast(
    cast: Iterable[tuple[AvatarRecord, Sequence[ToneRecord]]],
    what: What,
    *,
    head: str,
    recorded: bool = False,
    created: str | None = None,
) -> Provenance:
    """What a file says that shows several avatars, each with the tones that it speaks in; none for one who is silent.
    One `head` moves them all."""
    seen, heard, moves = what != "speech", what not in ("portrait", "card"), what in ("clip", "page")
    cast = list(cast)
    shown = tuple(
        _shown(record, what, seen=seen, voices=_voices(tones, recorded) if heard else ()) for record, tones in cast
    )
    still = what == "portrait"
    writers = dict.fromkeys(filter(None, (words_by(record) for record, _ in cast)))
    moved_by = _short(head) if moves else None
    kept_unseen = not seen and not recorded and any(_drawn(record).kept for record, _ in cast)
    return Provenance(
        notice=VOICE_MADE if kept_unseen else _notice(shown, moves=moves),
        what=what,
        source_type=source_type(shown, moved_by),
        characters=shown,
        head=moved_by,
        words_by=None if still or not writers else _short(", ".join(writers)),
        created=None if still else _short(created or now()),
    )


def of_tone(tone: ToneRecord) -> Provenance:
    """What a sound says in which nobody but a tone is heard."""
    shown = (Shown(spoken=_spoken(tone)),)
    return Provenance(
        notice=VOICE_MADE,
        what="speech",
        source_type=source_type(shown),
        characters=shown,
        created=now(),
    )


def notice_of(record: AvatarRecord) -> str:
    """What of an avatar a machine made: its face, its motion and its voice."""
    return of(record, "clip").notice


def words_by(record: AvatarRecord) -> str | None:
    """Who wrote the persona; None where Personify's own rules did. A language model that was only asked, or did no more
    than choose a tone, has written nothing."""
    writer = record.persona.writer.removeprefix(CARD_WROTE)
    return None if writer == _WRITTEN_BY_RULES else _short(writer.removeprefix(MODEL_WROTE)) or None


def source_type(characters: Iterable[Shown], head: str | None = None) -> SourceType | None:
    """The IPTC's term that fits them all: rules alone, trained models, with a picture or a recording of the user's;
    None for pictures that came from elsewhere and are as they were. `head`: what moves them, None for nothing."""
    characters = tuple(characters)
    drawn = [each.drawn for each in characters if each.drawn]
    spoken = [voice for each in characters for voice in each.voices]
    kept = any(each.kept for each in drawn)
    if kept and not spoken and head is None:
        return None
    if kept or any(each.tone is None for each in spoken):
        return "compositeSynthetic"
    if any(each.guide == "image" for each in drawn):
        return "compositeWithTrainedAlgorithmicMedia"
    by_rules = all(each.expert == _DRAWN_BY_RULES for each in drawn) and all(
        each.voice_model == _SPOKEN_BY_RULES for each in spoken
    )
    return "algorithmicMedia" if by_rules and (head is None or _moves_by_rules(head)) else "trainedAlgorithmicMedia"


def _moves_by_rules(head: str) -> bool:
    """Whether no trained model is in a talking head: the built-in one only warps. One of a package counts as trained
    unless its engine says `trained = False`."""
    from personify.avatar.heads import head_engine

    if head == BUILTIN_HEAD:
        return True
    try:
        return getattr(head_engine(head), "trained", True) is False
    except PersonifyError:  # it isn't installed here
        return False


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
    for voice in each.voices:
        model = voice.voice_model or "voice model unknown"
        parts.append(f"spoken by {voice.tone} ({model}: {_licence(voice)})" if voice.tone else "spoken by a recording")
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


def _notice(shown: Sequence[Shown], *, moves: bool) -> str:
    """What of it a machine made."""
    kept = any(each.drawn and each.drawn.kept for each in shown)
    recorded = any(voice.tone is None for each in shown for voice in each.voices)
    if kept and not moves:
        return FROM_A_CARD
    if not kept and not recorded:
        return MACHINE_MADE
    face = "the face and its motion are synthetic"
    if kept:
        whose, which = ("its", "the") if len(shown) == 1 else ("the", "a")
        face = f"{whose} motion is synthetic, {which} picture came with a character card"
    return f"Made by a machine: {face}; the voice is {'a recording' if recorded else 'synthetic'}."


def _shown(record: AvatarRecord, what: What, *, seen: bool, voices: Sequence[Spoken]) -> Shown:
    return Shown(
        name=record.persona.name if what != "portrait" else None,
        description=_short(record.persona.description),
        key=key_of(record.persona.description, record.seed),
        seed=record.seed,
        drawn=_drawn(record) if seen else None,
        spoken=voices[0] if voices else None,
        also_spoken=tuple(voices[1:_MOST_VOICES]) or None,
    )


def _drawn(record: AvatarRecord) -> Drawn:
    made = record.portrait
    return Drawn(
        expert=_short(made.expert), licence=made.licence and _short(made.licence), commercial=made.commercial,
        seed=made.seed, guidance=made.guidance, guide=made.guide,
    )  # fmt: skip


def _voices(tones: Sequence[ToneRecord], recorded: bool) -> tuple[Spoken, ...]:
    """What is heard of one character, each voice once."""
    return (Spoken(tone=None),) if recorded else tuple(dict.fromkeys(map(_spoken, tones)))


def _spoken(tone: ToneRecord) -> Spoken:
    return Spoken(
        tone=_short(tone.name), voice_model=tone.voice_model and _short(tone.voice_model),
        licence=tone.licence and _short(tone.licence), commercial=tone.commercial,
    )  # fmt: skip


def _licence(made: Drawn | Spoken) -> str:
    if made.licence is None:
        return "licence unknown"
    return f"{made.licence}, not for sale" if made.commercial is False else made.licence


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
