"""What is told while an avatar is made: the stages it goes through, how far each is, and what there is to see by then.

Values, and they are the listener's: arrays are copies that nobody writes to any more. Only a look at a picture that is
being drawn is made when it is asked for.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from personify.avatar.portrait import Attempt, Portrait
from personify.avatar.steps import Look
from personify.voices.speech import Speech
from personify.voices.stopping import check_stop

STAGES = ("persona", "tone", "portrait", "speech", "clip", "bundle")

_NEARLY = 0.99
"""The most that a stage tells of before it has ended: 0 and 1 are told once each, as it begins and ends."""


@dataclass(frozen=True)
class PersonaSoFar:
    """What a language model has written of a persona by now, as far as it is accepted; None and () where it isn't yet.

    A text that is being written ends with its last whole sentence. The persona itself may still say otherwise: what the
    description says counts more, and what is missing in the end is filled in.
    """

    name: str | None = None
    nature: str | None = None
    gender: str | None = None
    age: str | None = None
    occupation: str | None = None
    home: str | None = None
    traits: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    dislikes: tuple[str, ...] = ()
    backstory: str | None = None
    manner: str | None = None
    sample_lines: tuple[str, ...] = ()
    greeting: str | None = None
    expression: str | None = None

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "PersonaSoFar":
        """From the fields of a draft by their names; others are left out."""
        names = [field.name for field in fields(cls) if written.get(field.name) is not None]
        return cls(**{name: _unchanging(written[name]) for name in names})


@dataclass(frozen=True)
class Sketched:
    """The drawing that guides the expert, or that is the portrait: `image` uint8 RGB (H, W, 3) and `landmarks` float32
    (478, 2) pixels of it. `source` is "image" where it is the user's own picture."""

    image: np.ndarray
    landmarks: np.ndarray
    source: str = "sketch"


@dataclass(frozen=True)
class Drawing:
    """The portrait while it is drawn: `look()` gives it as far as it is, uint8 RGB (h, w, 3), smaller than it will be.

    That takes a moment, and works only while the listener is called: who wants no look pays nothing.
    """

    look: Look


@dataclass(frozen=True)
class Tried:
    """One attempt at the portrait: `image` uint8 RGB (H, W, 3), and the `landmarks` that were found in it, float32
    (478, 2) pixels, or None; `attempt` says how it was made and judged."""

    image: np.ndarray
    landmarks: np.ndarray | None
    attempt: Attempt


@dataclass(frozen=True)
class Stage:
    """What is happening: which of `STAGES`, the share of it that is done (0 to 1), and its seconds so far.

    A share of 0 is told once, as it begins, and 1 once, as it ends. `made` is what there is to see, where there is
    something new: of the persona a `PersonaSoFar` as it is written, and the `Persona` at the end; the `ToneRecord`; of
    the portrait what was `Sketched`, the `Drawing` and what was `Tried`, and the `Portrait` at the end; the `Speech`;
    and the `Avatar`, whose folder stands once the call returns.
    """

    name: str
    share: float
    seconds: float
    made: object | None = None


OnStage = Callable[[Stage], None]


class Telling:
    """Tells how far one stage is; calling it tells a share alone."""

    def __init__(self, name: str, tell: OnStage) -> None:
        self._name, self._tell = name, tell
        self._started = time.perf_counter()
        self._share = 0.0
        self._made: object | None = None

    def __call__(self, share: float) -> None:
        """So much is done; see `show`."""
        self.show(None, share)

    def show(self, made: object | None, share: float) -> None:
        """What there is to see in the middle, and the share that is done; raises `Stopped` where nobody wants it."""
        check_stop()
        self._share = min(max(self._share, share, 0.001), _NEARLY)
        self._tell(Stage(self._name, self._share, self.seconds, made))

    def finish(self, made: object) -> None:
        """What the stage made, told with its end."""
        self._made = made

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._started

    def _begin(self) -> None:
        self._tell(Stage(self._name, 0.0, 0.0))
        self._started = time.perf_counter()  # who hears of it may have kept the work waiting for its turn

    def _end(self) -> None:
        self._tell(Stage(self._name, 1.0, self.seconds, self._made))


class Clock:
    """Tells the caller where we are and keeps each stage's seconds, in the order they ran."""

    def __init__(self, on_stage: OnStage | None) -> None:
        self._tell = on_stage or (lambda stage: None)
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Telling]:
        """Times the block; yields what the block may tell with. Raises `Stopped` before and after it where the work is
        no longer wanted."""
        check_stop()
        telling = Telling(name, self._tell)
        telling._begin()
        check_stop()
        yield telling
        self.seconds[name] = round(telling.seconds, 4)
        check_stop()
        telling._end()
        check_stop()


def own_array(array: np.ndarray) -> np.ndarray:
    """A copy that can't be written to."""
    copy = array.copy()
    copy.setflags(write=False)
    return copy


def own_portrait(portrait: Portrait) -> Portrait:
    """The portrait with arrays of its own."""
    named = {name: getattr(portrait, name) for name in ("image", "landmarks", "depth", "mask")}
    own: dict[str, Any] = {name: own_array(array) for name, array in named.items() if array is not None}
    return replace(portrait, **own)


def own_speech(speech: Speech) -> Speech:
    """The speech with samples of its own."""
    return replace(speech, samples=own_array(speech.samples))


def _unchanging(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
