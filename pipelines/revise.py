"""One thing about an avatar is made anew, another face or another voice say, and what hangs on it; all else is kept.

The bundle is replaced whole or not at all. What isn't made anew is copied byte for byte, and the avatar's key stays, so
that what it remembers stays its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personify.avatar.portrait import Guidance, Portrait
from personify.pipelines.bundle import (
    CLIP,
    GREETING,
    LANDMARKS,
    MASK,
    PICTURE,
    RECORD,
    Avatar,
    BundleDraft,
    PortraitRecord,
    ToneRecord,
    UsageRecord,
    library_versions,
    now,
    open_avatar,
    open_bundle,
)
from personify.pipelines.chat.engine import Usage
from personify.pipelines.create import portrait_record, used
from personify.pipelines.editing import follow
from personify.pipelines.persona import Persona
from personify.pipelines.services import Services
from personify.pipelines.stages import STAGES, Clock, OnStage, own_portrait, own_speech
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.avatar.mixture import ExpertChoice
    from personify.pipelines.writing.asking import Asker


@dataclass(frozen=True)
class Changes:
    """What is to be otherwise; None leaves it as it is."""

    tone: str | None = None
    seed: int | None = None
    """Of the portrait; the avatar's own seed stays."""
    expert: str | None = None
    guidance: Guidance | None = None
    picture: np.ndarray | None = None
    """The user's own, uint8 RGB (H, W, 3), to guide the expert instead of the sketch."""
    persona: Persona | Mapping[str, Any] | None = None
    """Edited; see `editing.follow`."""
    out: Path | None = None
    """The folder that the revised avatar's own folder goes into; None replaces the avatar where it is."""
    force: bool = False
    """Whether an avatar that is at `out` already may be replaced."""

    @property
    def of_face(self) -> bool:
        """Whether another portrait is asked for by name."""
        return not (self.seed is None and self.expert is None and self.guidance is None and self.picture is None)

    @property
    def nothing(self) -> bool:
        """Whether nothing is to be otherwise."""
        return self.tone is None and self.persona is None and not self.of_face


def revise(avatar: Avatar, changes: Changes, services: Services, on_stage: OnStage | None = None) -> Avatar:
    """The avatar with the changes, once its folder stands; of the stages only those run that something hangs on.

    Raises `BadInput` for what can't be asked for, `PersonifyError` for what can't be done, and `Stopped` where it is no
    longer wanted; the avatar is then as it was.
    """
    if changes.nothing:
        raise BadInput("nothing is to be changed; name a tone, another face or an edited persona")
    before = avatar.record
    persona = before.persona if changes.persona is None else follow(before.persona, changes.persona)
    if persona == before.persona and changes.tone is None and not changes.of_face and changes.out is None:
        return avatar
    clock = Clock(on_stage)
    asker = services.asker(Usage(), seed=avatar.seed)
    with _replaced(avatar, changes) as bundle:
        # 1. Who is it now?
        if persona != before.persona:
            with clock.stage("persona") as telling:
                telling.finish(persona)
        # 2. What does it sound like?
        tone = before.tone
        if changes.tone is not None or persona.voice != before.persona.voice:
            with clock.stage("tone") as telling:
                tone = services.choose(persona.voice, name=changes.tone, about=persona.description, asker=asker)
                telling.finish(tone)
        # 3. What does it look like?
        portrait, drawn = avatar.portrait, before.portrait
        redrawn = changes.of_face or persona.appearance != before.persona.appearance
        if redrawn:
            with clock.stage("portrait") as telling:
                choice = _expert(before.portrait, persona, changes, services, asker)
                portrait = services.draw(
                    persona.appearance, seed=_seed(before.portrait, changes), expert=choice.name,
                    guidance=_guidance(before.portrait, choice.name, changes), picture=changes.picture,
                    telling=telling,
                )  # fmt: skip
                drawn = portrait_record(choice, portrait, own_picture=changes.picture is not None)
                telling.finish(own_portrait(portrait))
        # 4. It says hello, where that would sound otherwise now,
        speech = None
        if _sounds_otherwise(before.persona, before.tone, persona, tone):
            with clock.stage("speech") as telling:
                speech = services.speak(persona.speaking.greeting, tone.name, voice=persona.voice)
                telling.finish(own_speech(speech))
        # 5. and its face moves to the words.
        if redrawn or speech is not None:
            with clock.stage("clip") as on_share:
                said = speech or _greeting(avatar, services)
                services.film(
                    portrait, said, bundle.clip, seed=avatar.seed, expression=persona.appearance.expression,
                    on_share=on_share,
                )  # fmt: skip
        # 6. All of it becomes the folder again.
        with clock.stage("bundle") as telling:
            bundle.carry(avatar.folder, but=_made_anew(portrait if redrawn else None, speech))
            filmed = redrawn or speech is not None
            record = before.model_copy(
                update={
                    "persona": persona,
                    "tone": tone,
                    "portrait": drawn,
                    "head": services.head_name if filmed else before.head,
                    "versions": library_versions(),
                    "created": now(),
                    "seconds": _taken(before.seconds, clock.seconds),
                    "usage": _together(before.usage, used(asker)),
                }
            )
            revised = bundle.save(record, portrait, speech, redrawn=redrawn)
            telling.finish(revised)
    return revised


@contextmanager
def _replaced(avatar: Avatar, changes: Changes) -> Iterator[BundleDraft]:
    """A draft that takes the avatar's place, or stands at `changes.out`, when the block ends well."""
    target = avatar.folder if changes.out is None else changes.out / avatar.folder.name
    with open_bundle(target, force=changes.force or target == avatar.folder) as bundle:
        if open_avatar(avatar.folder).record != avatar.record:
            raise PersonifyError(f"{avatar.folder} was changed since it was opened; open it again, and change that")
        yield bundle


def _expert(
    drawn: PortraitRecord, persona: Persona, changes: Changes, services: Services, asker: "Asker | None"
) -> "ExpertChoice":
    """Who draws: the expert that is asked for, or else the one that was asked before."""
    from personify.avatar.mixture import ExpertChoice, Ranked

    if changes.expert is not None:
        return services.pick(persona.appearance, name=changes.expert, asker=asker)
    others = tuple(Ranked(other.name, other.score, other.reason) for other in drawn.runners_up)
    return ExpertChoice(_asked(drawn), drawn.reason, others)


def _asked(drawn: PortraitRecord) -> str:
    """The expert that was asked for a portrait, also where the sketch had to stand in."""
    first = drawn.attempts[0].expert if drawn.attempts else None
    return first or drawn.expert


def _guidance(drawn: PortraitRecord, expert: str, changes: Changes) -> Guidance | None:
    """What guides it: as before where the same expert draws, unless a picture wants to be looked at."""
    if changes.guidance is not None or expert != _asked(drawn):
        return changes.guidance
    before = drawn.attempts[0].guidance if drawn.attempts else drawn.guidance
    return None if changes.picture is not None and before == "none" else before


def _seed(drawn: PortraitRecord, changes: Changes) -> int:
    return drawn.seed if changes.seed is None else changes.seed


def _sounds_otherwise(before: Persona, tone_before: ToneRecord, persona: Persona, tone: ToneRecord) -> bool:
    return (
        tone.name != tone_before.name
        or persona.voice != before.voice
        or persona.speaking.greeting != before.speaking.greeting
    )


def _greeting(avatar: Avatar, services: Services) -> Speech:
    """The greeting that lies in the bundle, with its phonemes: spoken once more where that gives the very same sound,
    which knows them exactly, else heard."""
    from personify.voices.wav import same_sound

    persona, sound = avatar.persona, avatar.folder / GREETING
    if services.speaks_here(avatar.tone):
        again = services.speak(persona.speaking.greeting, avatar.tone, voice=persona.voice)
        if same_sound(sound, again):
            return again
    return services.hear(sound, persona.speaking.greeting, language=persona.voice.language)


def _made_anew(portrait: Portrait | None, speech: Speech | None) -> frozenset[str]:
    """The files that the draft has of its own."""
    names = {RECORD}
    if portrait is not None:
        names |= {PICTURE, LANDMARKS, MASK}
    if speech is not None:
        names.add(GREETING)
    if portrait is not None or speech is not None:
        names.add(CLIP)
    return frozenset(names)


def _taken(before: dict[str, float], now: dict[str, float]) -> dict[str, float]:
    """How long each stage took when it last ran, in order; a persona that is edited took what it did to write it."""
    seconds = before | {name: took for name, took in now.items() if name != "persona"}
    return {name: seconds[name] for name in STAGES if name in seconds}


def _together(before: UsageRecord | None, more: UsageRecord | None) -> UsageRecord | None:
    """What was asked of language models for the avatar, by the name of the last one that was asked."""
    if before is None or more is None or not more.requests:
        return before or (more if more is not None and more.requests else None)
    costs = [cost for cost in (before.cost, more.cost) if cost is not None]
    return UsageRecord(
        model=more.model,
        requests=before.requests + more.requests,
        tokens_in=before.tokens_in + more.tokens_in,
        tokens_out=before.tokens_out + more.tokens_out,
        cost=sum(costs) if costs else None,
    )
