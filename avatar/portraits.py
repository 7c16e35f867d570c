"""Portraits: an expert draws, the detector looks, and what is not found is drawn again with more guidance.

If every attempt fails the sketch itself is handed over, and the portrait says so.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.experts import SKETCH, SketchExpert, shared_detector
from personify.avatar.orders import Expert, Guide, Order, Proposal, Steer
from personify.avatar.portrait import Attempt, Guidance, Portrait, Verdict
from personify.avatar.steps import Look, OnStep, hearing
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import check_stop

MIN_SIZE_PX, MAX_SIZE_PX = 128, 2048
ATTEMPTS = 3
"""How often an expert is asked before the sketch stands in."""
GUIDED_TOLERANCE = 0.35
"""How far landmarks may lie from the guide's, in inter-ocular distances: beyond that, another face was found."""
GUIDE_PX = 512

OnAttempt = Callable[[int, Attempt, np.ndarray, np.ndarray | None], None]
"""Hears of an attempt: the sitting's number, the attempt, its picture uint8 RGB (size, size, 3), and the landmarks
that were found in it, float32 (478, 3) pixels, or None."""
OnSketch = Callable[[int, Guide], None]
"""Hears of what guides a sitting, or of the sketch that is its portrait, as soon as that is drawn."""

_FIRST = 0.8
"""The share of the work that the first attempt is taken for; each further one is as much of what is left then."""


@dataclass(frozen=True)
class Sitting:
    """One portrait that is wanted. `picture`: the user's own, uint8 RGB (H, W, 3), to guide instead of the sketch."""

    brief: AppearanceBrief
    seed: int
    picture: np.ndarray | None = None


def draw_portrait(
    brief: AppearanceBrief,
    *,
    seed: int,
    expert: Expert | None = None,
    guidance: Guidance | None = None,
    size: int = 512,
    picture: np.ndarray | None = None,
    attempts: int = ATTEMPTS,
    on_attempt: OnAttempt | None = None,
    on_sketch: OnSketch | None = None,
    on_share: OnStep | None = None,
) -> Portrait:
    """A portrait of size x size pixels with its landmarks and the detector's verdict on it; see `draw_portraits`."""
    sitting = Sitting(brief, seed, picture)
    return draw_portraits(
        [sitting], expert=expert, guidance=guidance, size=size, attempts=attempts, on_attempt=on_attempt,
        on_sketch=on_sketch, on_share=on_share,
    )[0]  # fmt: skip


def draw_portraits(
    sittings: Sequence[Sitting],
    *,
    expert: Expert | None = None,
    guidance: Guidance | None = None,
    size: int = 512,
    attempts: int = ATTEMPTS,
    on_attempt: OnAttempt | None = None,
    on_sketch: OnSketch | None = None,
    on_share: OnStep | None = None,
) -> list[Portrait]:
    """The portraits of several sittings by one expert (the sketch if none is given), drawn as batches.

    Each attempt draws what the ones before it missed, guided more strongly; `on_attempt` hears of each, the sketch that
    stands in included, `on_sketch` of every sketch or guide, and `on_share` of the share that is done and of the
    look that can be had, all in this thread.
    Raises `BadInput` for a guidance that the expert doesn't have, a picture that nothing would look at, or a size or
    number of attempts out of bounds, and `Stopped` where it is no longer wanted.
    """
    artist = expert or SketchExpert()
    chosen = guidance or artist.guidances[0]
    _check(artist, chosen, sittings, size, attempts)
    _need_opencv()
    ears = _Ears(on_attempt, on_sketch, on_share)
    works = [_begin(number, sitting, artist, chosen, ears) for number, sitting in enumerate(sittings)]
    for turn, steer in enumerate(artist.schedule(chosen, attempts)):
        missing = [work for work in works if work.portrait is None]
        if not missing:
            break
        _attempt(artist, missing, steer, size, ears, turn)
    return [work.portrait or _stand_in(artist, chosen, work, size, ears) for work in works]


@dataclass(frozen=True)
class _Ears:
    """Who hears of how it goes."""

    on_attempt: OnAttempt | None
    on_sketch: OnSketch | None
    on_share: OnStep | None

    def sketch(self, number: int, guide: Guide | None) -> None:
        check_stop()
        if self.on_sketch is not None and guide is not None:
            self.on_sketch(number, guide)

    def attempt(self, number: int, attempt: Attempt, image: np.ndarray, found: np.ndarray | None) -> None:
        check_stop()
        if self.on_attempt is not None:
            self.on_attempt(number, attempt, image, found)

    def step(self, turn: int, share: float, look: Look | None) -> None:
        """So much of the attempt of that number, from 0, is done."""
        if self.on_share is not None:
            self.on_share(1 - (1 - _FIRST) ** turn * (1 - _FIRST * share), look)


@dataclass
class _Work:
    number: int
    sitting: Sitting
    guide: Guide | None
    attempts: list[Attempt] = field(default_factory=list)
    portrait: Portrait | None = None


def _begin(number: int, sitting: Sitting, artist: Expert, guidance: Guidance, ears: _Ears) -> _Work:
    work = _Work(number, sitting, _guide(sitting, artist.sketch_style) if guidance != "none" else None)
    ears.sketch(number, work.guide)
    return work


def _check(artist: Expert, guidance: Guidance, sittings: Sequence[Sitting], size: int, attempts: int) -> None:
    if not MIN_SIZE_PX <= size <= MAX_SIZE_PX:
        raise BadInput(f"a portrait of {size} px can't be drawn; choose a size from {MIN_SIZE_PX} to {MAX_SIZE_PX}")
    if not 1 <= attempts <= 16:
        raise BadInput(f"{attempts} attempts were asked for; choose from 1 to 16")
    if guidance not in artist.guidances:
        raise BadInput(
            f"the expert {artist.name!r} can't be guided by {guidance!r}; choose one of: {', '.join(artist.guidances)}"
            " (control, pixel and both steer diffusion experts)"
        )
    if guidance == "none" and any(sitting.picture is not None for sitting in sittings):
        raise BadInput(
            f"a picture of your own guides an expert, and {artist.name!r} is not guided here; name a diffusion expert"
            " and a guidance of control, pixel or both"
        )


def _guide(sitting: Sitting, style: str | None) -> Guide:
    from personify.avatar.guides import picture_guide, sketch_guide

    if sitting.picture is not None:
        return picture_guide(sitting.picture, sitting.brief, seed=sitting.seed, size=GUIDE_PX)
    return sketch_guide(sitting.brief, seed=sitting.seed, size=GUIDE_PX, style=style)


def _attempt(artist: Expert, works: list[_Work], steer: Steer, size: int, ears: _Ears, turn: int) -> None:
    """One batch; the works whose faces are found and plausible get their portrait."""
    started = time.perf_counter()
    orders = [Order(work.sitting.brief, work.sitting.seed, work.guide, size) for work in works]
    with hearing(lambda share, look: ears.step(turn, share, look)):
        proposals = artist.draw(orders, steer)
    drawn_s = (time.perf_counter() - started) / len(works)
    if artist.name == SKETCH:
        for work, drawn in zip(works, proposals, strict=True):
            ears.sketch(work.number, _as_guide(drawn))
    for work, proposal in zip(works, proposals, strict=True):
        started = time.perf_counter()
        found, verdict = _look(proposal, work.guide)
        attempt = Attempt(
            seed=work.sitting.seed, guidance=steer.guidance, verdict=verdict,
            seconds=drawn_s + time.perf_counter() - started, expert=artist.name,
            strength=steer.strength if steer.guidance in ("pixel", "both") else None,
            control_scale=steer.control_scale if steer.guidance in ("control", "both") else None,
        )  # fmt: skip
        work.attempts.append(attempt)
        ears.attempt(work.number, attempt, proposal.image, found)
        if verdict.plausible or artist.name == SKETCH:
            work.portrait = _portrait(artist.name, steer.guidance, work, proposal, found)


def _as_guide(drawn: Proposal) -> Guide | None:
    """A sketch as what it would be as a guide."""
    if drawn.landmarks is None or drawn.depth is None or drawn.known is None:
        return None
    return Guide(drawn.image, drawn.landmarks, drawn.depth, drawn.mask, drawn.known)


def _look(proposal: Proposal, guide: Guide | None) -> tuple[np.ndarray | None, Verdict]:
    """What the detector finds, and the verdict on it: against the proposal's own landmarks or else the guide's."""
    from personify.avatar.plausibility import MAX_ERROR, judge

    if proposal.refused is not None:
        return None, Verdict(found=False, plausible=False, reasons=(proposal.refused,))
    found = shared_detector().find(proposal.image)
    if proposal.known is not None and proposal.landmarks is not None:
        known = proposal.known, proposal.landmarks[proposal.known]
        return found, judge(found, proposal.image, known, tolerance=MAX_ERROR)
    if guide is not None:
        places = guide.landmarks[guide.known] * (proposal.image.shape[0] / guide.image.shape[0])
        return found, judge(found, proposal.image, (guide.known, places), GUIDED_TOLERANCE)
    return found, judge(found, proposal.image)


def _portrait(expert: str, guidance: Guidance, work: _Work, proposal: Proposal, found: np.ndarray | None) -> Portrait:
    landmarks, depth = proposal.landmarks, proposal.depth
    if landmarks is None and found is not None:
        landmarks, depth = found[:, :2], found[:, 2]
    return Portrait(
        image=proposal.image, landmarks=landmarks, depth=depth, expert=expert, seed=work.sitting.seed,
        guidance=guidance, verdict=work.attempts[-1].verdict, attempts=tuple(work.attempts), mask=proposal.mask,
    )  # fmt: skip


def _stand_in(artist: Expert, guidance: Guidance, work: _Work, size: int, ears: _Ears) -> Portrait:
    """The sketch, for want of a face that can be moved."""
    tries = len(work.attempts)
    last = "; ".join(work.attempts[-1].verdict.reasons)
    _attempt(SketchExpert(), [work], Steer("none"), size, ears, tries)
    if work.portrait is None:
        raise PersonifyError(f"neither {artist.name!r} nor the sketch could draw {work.sitting.brief.concept!r}")
    why = f"{artist.name} (guidance {guidance}) gave no face that can be moved in {tries} attempts: {last}"
    return replace(work.portrait, stand_in=why)


def _need_opencv() -> None:
    """OpenCV's wheel wants two libraries that every desktop has and a slim container lacks; says so by name."""
    try:
        import cv2  # noqa: F401 - only to see whether it loads
    except ImportError as error:
        raise PersonifyError(
            f"OpenCV can't be loaded ({error}); on Debian: apt-get install libgl1 libglib2.0-0"
        ) from error
