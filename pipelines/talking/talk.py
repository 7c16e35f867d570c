"""Avatars talk to one another: a topic becomes turns, the turns speech, and all of it one clip.

What is said is settled first, so that a language model that fails in the middle costs the rest of the talk and not
the clip; then it is spoken and filmed turn by turn, and memory stays flat.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personify.pipelines.bundle import Avatar, ToneRecord, folder_name, now, open_avatar
from personify.pipelines.chat.engine import ChatEngine, Usage
from personify.pipelines.create import Clock, OnStage, read_text
from personify.pipelines.credentials import check_credentials
from personify.pipelines.draft import draft_file, full_path
from personify.pipelines.provenance import of_cast, stamp
from personify.pipelines.services import FPS, OnShare, Services
from personify.pipelines.talking.words import Said, words_of
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.languages import language_of_text
from personify.voices.speech import SILENCE, Speech, TimedPhoneme

if TYPE_CHECKING:
    from personify.avatar.video import Clip
    from personify.pipelines.talking.film import Beat

TALK_STAGES = ("words", "clip")
MOST_TURNS, MOST_AVATARS, LONGEST_TOPIC = 100, 9, 300
_NAMED_PARTNERS = 2
_WORDLESS_S, _WORDLESS_HZ = 1.0, 16000
"""What a turn without a word lasts."""


@dataclass(frozen=True)
class Line:
    """One turn: whose, what, and when it is heard, in seconds of the clip."""

    who: str
    text: str
    start_s: float
    seconds: float


@dataclass(frozen=True)
class Talk:
    """A finished talk. `notes` say what the user should know: a talk that ended early, a tone that stood in."""

    clip: "Clip"
    topic: str
    lines: tuple[Line, ...]
    words_by: str
    notes: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)


def talk(
    avatars: Sequence[Avatar | str | Path],
    services: Services,
    *,
    topic: str,
    turns: int = 8,
    engine: ChatEngine | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    force: bool = False,
    strict: bool = False,
    on_stage: OnStage | None = None,
) -> Talk:
    """One clip of the avatars talking about `topic` in so many turns, the first one first.

    Without an `engine` moves by rules write it (`moves.toml`). The same avatars, topic, seed and versions give the
    same talk where the engine does; without `seed` it is the avatars' own. Without `out` the clip stands beside the
    first avatar. An engine that fails after the first turn ends the talk there, as the notes say.

    Raises `BadInput` for fewer than two avatars, the same one twice, a blank topic, turns below 2 or above 100, and an
    existing file without `force`; `PersonifyError` where nothing was said at all.
    """
    cast = _cast(avatars)
    topic = _topic(topic)
    if not 2 <= turns <= MOST_TURNS:
        raise BadInput(f"a talk of {turns} turns can't be held; take 2 to {MOST_TURNS}")
    check_credentials()
    services.head()  # an unknown one is refused before anything is begun
    seed = sum((at + 1) * avatar.seed for at, avatar in enumerate(cast)) % 2**32 if seed is None else seed
    if seed < 0:
        raise BadInput(f"the seed {seed} is below 0; take a whole number from 0 on")
    target = _beside(cast, topic) if out is None else full_path(out)
    clock, usage, notes = Clock(on_stage), Usage(), []
    with draft_file(target, force=force) as work:
        with clock.stage("words") as on_share:
            said, broke = _said(cast, topic, turns, seed, engine, usage, on_share)
            if broke:
                notes.append(f"the talk ended after {len(said)} of {turns} turns: {broke}")
        with clock.stage("clip") as on_share:
            clip, lines, told, tones = _filmed(cast, said, services, work, seed=seed, strict=strict, on_share=on_share)
        heard = [(avatar.record, tones.get(who, ())) for who, avatar in enumerate(cast)]
        stamp(work, of_cast(heard, "clip", head=services.head_name, created=now()))
    notes += [*told, *usage.notes]
    name = "moves by rules, no language model" if engine is None or not engine.is_language_model else engine.name
    return Talk(replace(clip, path=target), topic, lines, name, tuple(dict.fromkeys(notes)), usage)


def model_engine(llm: str | None) -> ChatEngine | None:
    """The engine of the language model that `llm`, `$PERSONIFY_LLM` or `personify.toml` names; None where none does."""
    from personify.pipelines.model_settings import find_model

    model = find_model(llm)
    if model is None:
        return None
    from personify.pipelines.chat.model import ModelEngine

    return ModelEngine(model, facts="acted")


def _cast(avatars: Sequence[Avatar | str | Path]) -> list[Avatar]:
    if len(avatars) < 2:
        raise BadInput("a talk needs two avatars or more; give the folders of two")
    if len(avatars) > MOST_AVATARS:
        raise BadInput(f"{len(avatars)} avatars don't fit into one picture; take {MOST_AVATARS} at most")
    cast = [one if isinstance(one, Avatar) else open_avatar(one) for one in avatars]
    folders = [avatar.folder.resolve() for avatar in cast]
    twice = next((folder for folder in folders if folders.count(folder) > 1), None)
    if twice is not None:
        raise BadInput(f"{twice} is named twice; nobody talks to themselves here, so give another avatar")
    return cast


def _topic(topic: str) -> str:
    clean = read_text(topic)
    if not any(char.isalnum() for char in clean):
        raise BadInput('the topic is empty; say what they talk about, such as --topic "the stars"')
    if len(clean) > LONGEST_TOPIC:
        raise BadInput(f"the topic has {len(clean)} characters; take {LONGEST_TOPIC} at most")
    return clean


def _beside(cast: Sequence[Avatar], topic: str) -> Path:
    names = [avatar.folder.name[:40] for avatar in cast[:_NAMED_PARTNERS]]
    more = "" if len(cast) <= _NAMED_PARTNERS else f"-and-{len(cast) - _NAMED_PARTNERS}-more"
    return cast[0].folder.with_name(f"{'--with--'.join(names)}{more}--{folder_name(topic)}.mp4")


def _said(
    cast: Sequence[Avatar],
    topic: str,
    turns: int,
    seed: int,
    engine: ChatEngine | None,
    usage: Usage,
    on_share: OnShare,
) -> tuple[list[Said], str]:
    """What was said, and what broke it off, if anything did."""
    said: list[Said] = []
    try:
        for turn in words_of([avatar.persona for avatar in cast], topic, turns, seed, engine, usage):
            said.append(turn)
            on_share(len(said) / turns)
    except PersonifyError as error:
        if not said:
            raise
        return said, str(error)
    return said, ""


def _filmed(
    cast: Sequence[Avatar],
    said: Sequence[Said],
    services: Services,
    path: Path,
    *,
    seed: int,
    strict: bool,
    on_share: OnShare,
) -> tuple["Clip", tuple[Line, ...], list[str], dict[int, list[ToneRecord]]]:
    """The clip, the lines with their times, what is to be told of the tones, and those that each spoke in."""
    from personify.avatar.video import write_clip
    from personify.pipelines.talking.film import Performer, beats, frames, shared

    notes: list[str] = []
    lines: list[Line] = []
    tones: dict[int, list[ToneRecord]] = {}

    def spoken(who: int, text: str) -> tuple[int, Speech]:
        tone, speech = _spoken(services, cast[who], text, strict, notes)
        if tone is not None:
            tones.setdefault(who, []).append(tone)
        return who, speech

    speeches = (spoken(who, text) for who, text in said)
    pictured, heard = shared(_noted(beats(speeches, len(cast), seed), cast, said, lines, on_share), 2)
    performers = [
        Performer(
            services.head().prepare(avatar.portrait),
            max(avatar.portrait.image.shape[:2]),
            avatar.persona.appearance.expression,
            (seed + at) % 2**32,
            avatar.name,
        )
        for at, avatar in enumerate(cast)
    ]
    clip = write_clip(path, frames(performers, pictured, FPS), (beat.sound for beat in heard), fps=FPS)
    return clip, tuple(lines), notes, tones


def _noted(
    parts: "Iterator[Beat]", cast: Sequence[Avatar], said: Sequence[Said], lines: list[Line], on_share: OnShare
) -> "Iterator[Beat]":
    """The same beats, each written down as a line with its times."""
    for number, (beat, (who, text)) in enumerate(zip(parts, said, strict=True)):
        lines.append(Line(cast[who].name, text, round(beat.start_s, 3), round(beat.end_s - beat.start_s, 3)))
        on_share(number / len(said))
        yield beat


def _spoken(
    services: Services, avatar: Avatar, text: str, strict: bool, notes: list[str]
) -> tuple[ToneRecord | None, Speech]:
    """The text in the avatar's own tone, None where nothing is heard; a text in another script is in its own language,
    as in `Studio.say`."""
    voice = avatar.persona.voice
    voice = voice.model_copy(update={"language": language_of_text(text, voice.language)})
    tone = services.choose(voice, name=avatar.tone, strict=strict)
    if tone.note and tone.note not in notes:
        notes.append(tone.note)
    try:
        return tone, services.speak(text, tone.name, voice=voice)
    except BadInput:  # a gesture, such as "(sighs)", or dots: it stays in the transcript, and is not heard
        silence = np.zeros(round(_WORDLESS_S * _WORDLESS_HZ), np.float32)
        return None, Speech(text, silence, _WORDLESS_HZ, (TimedPhoneme(SILENCE, 0.0, _WORDLESS_S),))
