"""Engines of talking heads: the small interface behind which each one stands, and where a package adds its own.

The built-in engine is the default. Another one comes with a package of its own that names it under the entry-point
group `personify.heads`; docs/talking-head.md has a whole example. Nothing is imported before it is asked for by name.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from personify.avatar.portrait import Portrait
from personify.voices.errors import BadInput, PersonifyError, unknown_name
from personify.voices.speech import Speech

if TYPE_CHECKING:
    from personify.avatar.animation import Draw

GROUP = "personify.heads"
"""The entry-point group; an entry's name is what users ask for, its object is called without arguments and makes the
engine."""
BUILTIN = "builtin"


class Head(Protocol):
    """One portrait, ready to be animated; may be used for many clips, one after the other."""

    def animate(
        self, speech: Speech | Iterable[Speech], *, seed: int, fps: float = 25.0, expression: str = "neutral"
    ) -> Iterator[np.ndarray]:
        """Frames of the portrait speaking, uint8 RGB (H, W, 3), ceil(duration * fps) of them; a frame that was given
        out is never changed again.

        Pieces of speech are taken as they come. `expression` is one of `avatar/brief.py` EXPRESSIONS. The same
        arguments give the same frames. Raises `PersonifyError` for what can't be done.
        """
        ...

    def idle(
        self, seconds: float, *, seed: int, fps: float = 25.0, expression: str = "neutral", loop: bool = True
    ) -> Iterator[np.ndarray]:
        """Frames of the portrait listening; with `loop` the first may follow the last."""
        ...


@runtime_checkable
class HeadEngine(Protocol):
    """Makes heads. Its making is cheap: models are loaded when the first portrait is prepared.

    One that only warps pictures may say `trained = False`; files tell of what others film as of a trained model's.
    """

    @property
    def name(self) -> str:
        """What users ask for; the entry point's name."""
        ...

    @property
    def description(self) -> str:
        """One line on what it is good for and what it needs."""
        ...

    def prepare(self, portrait: Portrait) -> Head:
        """The head of a portrait; `PersonifyError` if it can't animate it, with the way out."""
        ...


class DrawnHead:
    """A head that only has to draw face shapes: lips, eyes, brows and pose come from Personify's own tracks."""

    def __init__(self, draw: "Draw") -> None:
        self.draw = draw
        """One `FaceShape` to one frame, uint8 RGB (H, W, 3)."""

    def animate(
        self, speech: Speech | Iterable[Speech], *, seed: int, fps: float = 25.0, expression: str = "neutral"
    ) -> Iterator[np.ndarray]:
        """See `Head.animate`."""
        from personify.avatar.animation import spoken_shapes

        return map(self.draw, spoken_shapes(speech, seed=seed, fps=fps, expression=expression))

    def idle(
        self, seconds: float, *, seed: int, fps: float = 25.0, expression: str = "neutral", loop: bool = True
    ) -> Iterator[np.ndarray]:
        """See `Head.idle`."""
        from personify.avatar.animation import idle_shapes

        return map(self.draw, idle_shapes(seconds, seed=seed, fps=fps, expression=expression, loop=loop))


class BuiltinEngine:
    """Personify's own: warps the portrait on any CPU, offline."""

    name = BUILTIN
    description = (
        "moves the portrait itself by its landmarks; any face, any CPU, offline, many times faster than speech"
    )

    def prepare(self, portrait: Portrait) -> DrawnHead:
        """See `HeadEngine.prepare`."""
        from personify.avatar.rig import build_rig

        return DrawnHead(build_rig(portrait).draw)


def head_names() -> list[str]:
    """The engines that can be asked for, the built-in one first."""
    return [BUILTIN, *sorted(set(_entries()) - {BUILTIN})]


def head_engine(name: str = BUILTIN) -> HeadEngine:
    """The engine of that name.

    Raises `BadInput` for an unknown one, with the choices, and `PersonifyError` for one whose package is broken.
    """
    if name == BUILTIN:
        return BuiltinEngine()
    entries = _entries()
    if name not in entries:
        raise unknown_name("talking head", name, head_names())
    offered = entries[name]
    if len(offered) > 1:
        whose = " and ".join(sorted(_package(entry) for entry in offered))
        raise BadInput(f"the talking head {name!r} comes with both {whose}; remove one of the packages")
    return _made(offered[0])


def _made(entry: EntryPoint) -> HeadEngine:
    try:
        engine: Any = entry.load()()
    except PersonifyError:
        raise
    except Exception as error:  # whatever a foreign package may raise
        raise PersonifyError(
            f"the talking head {entry.name!r} of the package {_package(entry)} can't be loaded:"
            f" {type(error).__name__}: {error}"
        ) from error
    if not isinstance(engine, HeadEngine):
        raise PersonifyError(
            f"the talking head {entry.name!r} of the package {_package(entry)} is no engine: it needs a name, a"
            " description and prepare(portrait); see docs/talking-head.md"
        )
    return engine


def _entries() -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, []).append(entry)
    return found


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value
