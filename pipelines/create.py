"""The way through: a description becomes an avatar in six steps, each done by a service that is passed in."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personify.avatar.portrait import Guidance, Portrait
from personify.pipelines.bundle import (
    Avatar,
    AvatarRecord,
    BundleDraft,
    PortraitRecord,
    RunnerUpRecord,
    ToneRecord,
    UsageRecord,
    folder_name,
    library_versions,
    now,
    open_bundle,
)
from personify.pipelines.chat.engine import Usage
from personify.pipelines.persona import Depth, Persona
from personify.pipelines.services import Services
from personify.pipelines.stages import (
    STAGES,
    Clock,
    OnStage,
    PersonaSoFar,
    Sketched,
    Stage,
    Telling,
    Tried,
    own_portrait,
    own_speech,
)
from personify.voices.errors import BadInput

if TYPE_CHECKING:
    from personify.avatar.mixture import ExpertChoice
    from personify.pipelines.writers import OnDraft
    from personify.pipelines.writing.asking import Asker

__all__ = [
    "STAGES",
    "Clock",
    "OnStage",
    "PersonaSoFar",
    "Settled",
    "Sketched",
    "Stage",
    "Tried",
    "Wish",
    "create",
    "finish",
]


@dataclass(frozen=True)
class Wish:
    """What the user asked for beside the description; None lets Personify choose."""

    seed: int
    out: Path
    force: bool = False
    tone: str | None = None
    expert: str | None = None
    guidance: Guidance | None = None
    picture: np.ndarray | None = None
    """The user's own, uint8 RGB (H, W, 3), to guide the expert instead of the sketch."""
    strict: bool = False
    """Whether a tone that can't speak the persona's language is an error; otherwise another one speaks, with a note."""
    depth: Depth = "brief"


@dataclass(frozen=True)
class Settled:
    """Who it is, what it sounds and looks like, and from what it was made: all that comes before its first word."""

    persona: Persona
    tone: ToneRecord
    choice: "ExpertChoice"
    portrait: Portrait
    seed: int
    own_picture: bool = False
    """Whether a picture of the user's own guided the expert instead of the sketch."""
    usage: UsageRecord | None = None


def create(description: str, wish: Wish, services: Services, on_stage: OnStage | None = None) -> Avatar:
    """Makes the avatar of a description and returns it once its folder stands, whole, under `wish.out`.

    Raises `BadInput` for what can't be asked for, `PersonifyError` for what can't be done, and `Stopped` where it is no
    longer wanted; nothing is left then.
    """
    description = read_description(description)
    clock = Clock(on_stage)
    usage = Usage()
    asker = services.asker(usage, seed=wish.seed)
    with open_bundle(wish.out / folder_name(description), force=wish.force) as bundle:
        # 1. Who is it?
        with clock.stage("persona") as telling:
            persona = services.write(
                description, seed=wish.seed, depth=wish.depth, asker=asker, on_draft=on_stage and drafts(telling)
            )
            telling.finish(persona)
        # 2. What does it sound like?
        with clock.stage("tone") as telling:
            tone = services.choose(persona.voice, name=wish.tone, strict=wish.strict, about=description, asker=asker)
            telling.finish(tone)
        # 3. What does it look like?
        with clock.stage("portrait") as telling:
            choice = services.pick(persona.appearance, name=wish.expert, asker=asker)
            portrait = services.draw(
                persona.appearance, seed=wish.seed, expert=choice.name, guidance=wish.guidance, picture=wish.picture,
                telling=telling,
            )  # fmt: skip
            telling.finish(own_portrait(portrait))
        # 4 to 6. It speaks, its face moves, and all of it becomes one folder.
        settled = Settled(
            persona, tone, choice, portrait, seed=wish.seed, own_picture=wish.picture is not None, usage=used(asker)
        )
        return finish(settled, services, bundle, clock)


def finish(settled: Settled, services: Services, bundle: BundleDraft, clock: Clock) -> Avatar:
    """The second half of the way, from a face to a bundle; raises `PersonifyError` for what can't be done, and
    `Stopped`."""
    persona, tone, portrait = settled.persona, settled.tone, settled.portrait
    # 4. It says hello,
    with clock.stage("speech") as telling:
        speech = services.speak(persona.speaking.greeting, tone.name, voice=persona.voice)
        telling.finish(own_speech(speech))
    # 5. and its face moves to the words.
    with clock.stage("clip") as on_share:
        services.film(
            portrait,
            speech,
            bundle.clip,
            seed=settled.seed,
            expression=persona.appearance.expression,
            on_share=on_share,
        )
    # 6. All of it becomes one folder.
    with clock.stage("bundle") as telling:
        avatar = bundle.save(_record(settled, services.head_name, clock.seconds), portrait, speech)
        telling.finish(avatar)
    return avatar


def drafts(telling: Telling) -> "OnDraft":
    """Shows what a language model has written so far."""
    from personify.pipelines.writing.draft import FIELDS

    return lambda written: telling.show(PersonaSoFar.of(written), len(written) / len(FIELDS))


def read_description(text: str) -> str:
    """The description as it is used: Unicode in composed form, without control characters, spaces collapsed.

    Raises `BadInput` if nothing is left. How much is too much, the writer says.
    """
    clean = read_text(text)
    if not clean:
        raise BadInput('the description is empty; say who it is, such as "a grumpy teapot who loves astronomy"')
    return clean


def read_text(text: str) -> str:
    """Text from outside without what no one can say or see: control characters, bidi overrides, lone surrogates."""
    kept = "".join(" " if _unseen(char) else char for char in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())


def _unseen(char: str) -> bool:
    if char in "\u200c\u200d":  # joiners hold emoji and Persian words together
        return False
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}


def used(asker: "Asker | None") -> UsageRecord | None:
    """What was asked of the language model, if there is one."""
    if asker is None:
        return None
    used = asker.usage
    return UsageRecord(
        model=asker.name,
        requests=used.requests,
        tokens_in=used.tokens_in,
        tokens_out=used.tokens_out,
        cost=used.cost,
    )


def _record(settled: Settled, head: str, seconds: dict[str, float]) -> AvatarRecord:
    return AvatarRecord(
        persona=settled.persona,
        tone=settled.tone,
        portrait=portrait_record(settled.choice, settled.portrait, own_picture=settled.own_picture),
        head=head,
        seed=settled.seed,
        versions=library_versions(),
        created=now(),
        seconds=seconds,
        files={},
        usage=settled.usage,
    )


def portrait_record(choice: "ExpertChoice", portrait: Portrait, *, own_picture: bool) -> PortraitRecord:
    """How the portrait came to be."""
    from personify.avatar.licences import licence_of

    licence = licence_of(portrait.expert)
    others = tuple(RunnerUpRecord(name=r.name, score=r.score, reason=r.reason) for r in choice.runners_up)
    return PortraitRecord(
        expert=portrait.expert,
        reason=choice.reason,
        runners_up=others,
        stand_in=portrait.stand_in,
        seed=portrait.seed,
        guidance=portrait.guidance,
        guide=None if portrait.guidance == "none" else "image" if own_picture else "sketch",
        verdict=portrait.verdict,
        attempts=portrait.attempts,
        licence=licence and licence.name,
        commercial=licence and licence.commercial,
    )
