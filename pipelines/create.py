"""The way through: a description becomes an avatar in six steps, each done by a service that is passed in."""

import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from personify.avatar.portrait import Guidance, Portrait
from personify.pipelines.bundle import (
    Avatar,
    AvatarRecord,
    PortraitRecord,
    ToneRecord,
    folder_name,
    library_versions,
    now,
    open_bundle,
)
from personify.pipelines.persona import Persona
from personify.pipelines.services import Services
from personify.voices.errors import BadInput

STAGES = ("persona", "tone", "portrait", "speech", "clip", "bundle")


@dataclass(frozen=True)
class Stage:
    """What is happening: which of `STAGES`, the share of it that is done (0 to 1), and its seconds so far."""

    name: str
    share: float
    seconds: float


OnStage = Callable[[Stage], None]


class Clock:
    """Tells the caller where we are and keeps each stage's seconds, in the order they ran."""

    def __init__(self, on_stage: OnStage | None) -> None:
        self._tell = on_stage or (lambda stage: None)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[float], None]]:
        """Times the block; yields what the block may call with the share of it that is done."""
        started = time.perf_counter()

        def on_share(share: float) -> None:
            self._tell(Stage(name, share, time.perf_counter() - started))

        on_share(0.0)
        yield on_share
        self.seconds[name] = round(time.perf_counter() - started, 4)
        on_share(1.0)


@dataclass(frozen=True)
class Wish:
    """What the user asked for beside the description; None lets Personify choose."""

    seed: int
    out: Path
    force: bool = False
    tone: str | None = None
    expert: str | None = None
    guidance: Guidance | None = None


def create(description: str, wish: Wish, services: Services, on_stage: OnStage | None = None) -> Avatar:
    """Makes the avatar of a description and returns it once its folder stands, whole, under `wish.out`.

    Raises `BadInput` for what can't be asked for and `PersonifyError` for what can't be done; nothing is left then.
    """
    description = read_description(description)
    clock = Clock(on_stage)
    with open_bundle(wish.out / folder_name(description), force=wish.force) as bundle:
        # 1. Who is it?
        with clock.stage("persona"):
            persona = services.write(description, seed=wish.seed)
        # 2. What does it sound like?
        with clock.stage("tone"):
            tone = services.choose(persona.voice, name=wish.tone)
        # 3. What does it look like?
        with clock.stage("portrait"):
            portrait = services.draw(persona.appearance, seed=wish.seed, expert=wish.expert, guidance=wish.guidance)
        # 4. It says hello,
        with clock.stage("speech"):
            speech = services.speak(persona.speaking.greeting, tone.name, voice=persona.voice)
        # 5. and its face moves to the words.
        with clock.stage("clip") as on_share:
            services.film(
                portrait,
                speech,
                bundle.clip,
                seed=wish.seed,
                expression=persona.appearance.expression,
                on_share=on_share,
            )
        # 6. All of it becomes one folder.
        with clock.stage("bundle"):
            return bundle.save(_record(wish.seed, persona, tone, portrait, clock.seconds), portrait, speech)


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


def _record(
    seed: int, persona: Persona, tone: ToneRecord, portrait: Portrait, seconds: dict[str, float]
) -> AvatarRecord:
    return AvatarRecord(
        persona=persona,
        tone=tone,
        portrait=PortraitRecord(
            expert=portrait.expert,
            seed=portrait.seed,
            guidance=portrait.guidance,
            verdict=portrait.verdict,
            attempts=portrait.attempts,
        ),
        seed=seed,
        versions=library_versions(),
        created=now(),
        seconds=seconds,
        files={},
    )
