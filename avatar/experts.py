"""Experts: the image generators that a portrait can come from, behind one interface and one list.

The sketch is the first of them; diffusion pipelines join it as further entries. Knows nothing of personas.
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.portrait import Attempt, Guidance, Portrait
from personify.voices.errors import BadInput, PersonifyError, unknown_name

if TYPE_CHECKING:
    from personify.avatar.detector import FaceMeshDetector

MIN_SIZE_PX, MAX_SIZE_PX = 128, 2048


@dataclass(frozen=True)
class Proposal:
    """What an expert draws: `image` uint8 RGB (H, W, 3), and where it knows them the character's `mask` uint8 (H, W)
    and landmarks (478, 2) with depth (478,); `known` are the numbers of those that are exact."""

    image: np.ndarray
    mask: np.ndarray | None = None
    landmarks: np.ndarray | None = None
    depth: np.ndarray | None = None
    known: np.ndarray | None = None


class Expert(Protocol):
    """An image generator. `guidances` are the ways it can be steered, its default first."""

    name: str
    description: str
    guidances: tuple[Guidance, ...]

    def draw(self, brief: AppearanceBrief, *, seed: int, guidance: Guidance, size: int) -> Proposal:
        """One picture; the same arguments give the same bytes."""


class SketchExpert:
    """The drawing itself as the portrait: quick, offline, with landmarks known exactly."""

    name = "sketch"
    description = "characters in clay, gouache, ink or photo-like; draws anything at once, needs no weights"
    guidances: tuple[Guidance, ...] = ("none",)

    def draw(self, brief: AppearanceBrief, *, seed: int, guidance: Guidance, size: int) -> Proposal:
        """See `Expert.draw`."""
        from personify.avatar.sketch.draw import draw
        from personify.avatar.sketch.mesh import full_landmarks

        drawing = draw(brief, seed=seed, size=size)
        landmarks, depth = full_landmarks(drawing.numbers, drawing.points)
        return Proposal(drawing.image, drawing.mask, landmarks, depth, drawing.numbers)


_EXPERTS: dict[str, type[SketchExpert]] = {"sketch": SketchExpert}
DEFAULT_EXPERT = "sketch"


def list_experts() -> list[Expert]:
    """Every expert that can be asked for, by name."""
    return [_EXPERTS[name]() for name in sorted(_EXPERTS)]


def draw_portrait(
    brief: AppearanceBrief, *, seed: int, expert: str | None = None, guidance: Guidance | None = None, size: int = 512
) -> Portrait:
    """A portrait of size x size pixels with its landmarks and the detector's verdict on it.

    Raises `BadInput` for an unknown expert, a guidance that the expert doesn't have, or a size out of bounds.
    """
    name = expert or DEFAULT_EXPERT
    if name not in _EXPERTS:
        raise unknown_name("expert", name, list(_EXPERTS))
    if not MIN_SIZE_PX <= size <= MAX_SIZE_PX:
        raise BadInput(f"a portrait of {size} px can't be drawn; choose a size from {MIN_SIZE_PX} to {MAX_SIZE_PX}")
    artist = _EXPERTS[name]()
    chosen = guidance or artist.guidances[0]
    if chosen not in artist.guidances:
        raise BadInput(
            f"the expert {name!r} can't be guided by {chosen!r}; choose one of: {', '.join(artist.guidances)}"
            " (control, pixel and both steer diffusion experts)"
        )
    _need_opencv()
    started = time.perf_counter()
    proposal = artist.draw(brief, seed=seed, guidance=chosen, size=size)
    return _judged(proposal, name, seed, chosen, started)


def _need_opencv() -> None:
    """OpenCV's wheel wants two libraries that every desktop has and a slim container lacks; says so by name."""
    try:
        import cv2  # noqa: F401 - only to see whether it loads
    except ImportError as error:
        raise PersonifyError(
            f"OpenCV can't be loaded ({error}); on Debian: apt-get install libgl1 libglib2.0-0"
        ) from error


def _judged(proposal: Proposal, expert: str, seed: int, guidance: Guidance, started: float) -> Portrait:
    from personify.avatar.plausibility import judge

    found = shared_detector().find(proposal.image)
    known = None
    if proposal.known is not None and proposal.landmarks is not None:
        known = proposal.known, proposal.landmarks[proposal.known]
    verdict = judge(found, proposal.image, known)
    landmarks, depth = proposal.landmarks, proposal.depth
    if landmarks is None and found is not None:
        landmarks, depth = found[:, :2], found[:, 2]
    attempt = Attempt(seed, guidance, verdict, time.perf_counter() - started)
    return Portrait(
        image=proposal.image, landmarks=landmarks, depth=depth, expert=expert, seed=seed, guidance=guidance,
        verdict=verdict, attempts=(attempt,), mask=proposal.mask,
    )  # fmt: skip


@lru_cache(maxsize=1)
def shared_detector() -> "FaceMeshDetector":
    """The process's landmark detector, built when first asked for; building it takes most of a second."""
    from personify.avatar.detector import FaceMeshDetector

    return FaceMeshDetector()
