"""What is seen of a talking head's frames: the lips' gap against what was meant and heard, identity, background, folds.

All of it is measured before encoding, on what a landmark detector finds. Lengths are in eye distances.
"""

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np

from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LEFT_EYE_UPPER, NOSE_BASE, NOSE_BRIDGE, OVAL, RIGHT_EYE_UPPER, inter_ocular
from personify.avatar.outline import outline
from personify.avatar.portrait import Portrait
from personify.avatar.pose import Pose, PoseShape
from personify.voices.speech import SILENCE, Speech

CLOSURES = frozenset("pbm")
_RIGID = sorted({*NOSE_BRIDGE, *NOSE_BASE, *OVAL[:9], *OVAL[-9:], *(RIGHT_EYE_UPPER[i] for i in (0, -1)),
                 *(LEFT_EYE_UPPER[i] for i in (0, -1))})  # fmt: skip
"""Points that speech doesn't move: nose, corners of the eyes, the upper half of the oval."""
_EDGE_PX = 2
"""How far from the character's mask, at rest and as moved, its antialiased edge reaches; beyond it the background must
be still."""


def lip_gap(points: np.ndarray) -> float:
    """The inner lips' distance in eye distances."""
    return float(np.linalg.norm(points[14, :2] - points[13, :2])) / inter_ocular(points)


def correlation(seen: np.ndarray, meant: np.ndarray) -> float:
    """Pearson's, over the frames in which something was seen; 0 where there is nothing to compare."""
    good = np.isfinite(seen)
    if good.sum() < 3 or np.ptp(seen[good]) < 1e-9 or np.ptp(meant[good]) < 1e-9:
        return 0.0
    return float(np.corrcoef(seen[good], meant[good])[0, 1])


def closures(speech: Speech, n_frames: int, fps: float) -> Iterator[np.ndarray]:
    """The frames of each p, b and m."""
    middles = (np.arange(n_frames) + 0.5) / fps
    for phoneme in speech.phonemes:
        if phoneme.symbol[:1] in CLOSURES:
            within = np.flatnonzero((middles >= phoneme.start_s) & (middles <= phoneme.end_s))
            yield (
                within if within.size else np.array([np.abs(middles - (phoneme.start_s + phoneme.end_s) / 2).argmin()])
            )


def silences(speech: Speech, n_frames: int, fps: float) -> Iterator[np.ndarray]:
    """The frames of each longer pause, without its beginning and end, where the mouth is still on its way."""
    middles = (np.arange(n_frames) + 0.5) / fps
    for phoneme in speech.phonemes:
        within = np.flatnonzero((middles >= phoneme.start_s + 0.08) & (middles <= phoneme.end_s - 0.08))
        if phoneme.symbol == SILENCE and within.size:
            yield within


def mean_share(
    gaps: Sequence[np.ndarray], bias: float, largest: float, how: Callable[[np.ndarray], float]
) -> float | None:
    """The mean over some moments of the gap, `how` it is summed up in each, less `bias`, as a share of the largest."""
    shares = [max(0.0, float(how(gap)) - bias) / largest for gap in gaps if np.isfinite(gap).any()]
    return float(np.mean(shares)) if shares and largest > 0 else None


def lag_ms(gap: np.ndarray, speech: Speech, fps: float) -> float:
    """The lag with the highest cross-correlation within +-200 ms, on a 5 ms raster."""
    good = np.isfinite(gap)
    if good.sum() < 3:
        return float("nan")
    times = np.arange(0.2, max(speech.duration_s - 0.2, 0.205), 0.005)
    frame_times = (np.arange(len(gap)) + 0.5) / fps
    loudness = _loudness(speech, times)
    lags = np.arange(-0.2, 0.2001, 0.005)
    fit = [correlation(np.interp(times + lag, frame_times[good], gap[good]), loudness) for lag in lags]
    return float(lags[int(np.argmax(fit))] * 1000)


def _loudness(speech: Speech, times: np.ndarray) -> np.ndarray:
    """RMS over 60 ms around each time."""
    power = np.concatenate([[0.0], np.cumsum(speech.samples.astype(np.float64) ** 2)])
    low, high = (np.clip(((times + d) * speech.sample_rate_hz).astype(int), 0, len(power) - 1) for d in (-0.03, 0.03))
    return np.sqrt((power[high] - power[low]) / np.maximum(high - low, 1))


def identity(rest: np.ndarray | None, seen: list[np.ndarray | None]) -> float:
    """The mean error of the points that speech doesn't move, after undoing an affine pose."""
    found = [points for points in seen if points is not None]
    if rest is None or not found:
        return float("nan")
    target = rest[_RIGID, :2]
    errors = []
    for points in found:
        base = np.column_stack([points[_RIGID, :2], np.ones(len(_RIGID))])
        undone = base @ np.linalg.lstsq(base, target, rcond=None)[0]
        errors.append(np.linalg.norm(undone - target, axis=1).mean())
    return float(np.mean(errors) / inter_ocular(rest))


class Ground:
    """The background of one portrait and the map of its character, which is its mask or, without one, its outline;
    where that isn't clear either, nothing is known of its background."""

    def __init__(self, portrait: Portrait) -> None:
        assert portrait.landmarks is not None
        self._mask = outline(portrait.image, portrait.landmarks) if portrait.mask is None else portrait.mask
        frame = FaceFrame.of(portrait.landmarks)
        self._pose = Pose(portrait.image, portrait.landmarks, portrait.depth, self._mask, frame)
        self._edge = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _EDGE_PX + 1, 2 * _EDGE_PX + 1))
        self._image = portrait.image.astype(np.int16)

    def look(self, frame: np.ndarray, shape: PoseShape) -> tuple[int | None, float]:
        """The largest change of the background, levels, and the least area that the warp leaves of a pixel (below 0 it
        is folded), for one frame in that pose."""
        sources = self._pose.sources(shape)
        (xy, xx), (yy, yx) = (np.gradient(sources[..., c]) for c in (0, 1))
        area = xx * yy - xy * yx
        if self._mask is None:
            return None, float(area.min())
        here = cv2.remap(self._mask, sources, np.empty(0, np.float32), cv2.INTER_LINEAR, borderValue=(0.0,))
        away = cv2.dilate(np.maximum(here, self._mask), self._edge) == 0
        change = np.abs(frame[away] - self._image[away]).max(initial=0)
        return int(change), float(area[here > 127].min(initial=1.0))


def peaks(blink: np.ndarray) -> list[float]:
    """The highest point of each blink."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], blink > 0.02, [0]]).astype(int)))
    return [float(blink[a:b].max()) for a, b in edges.reshape(-1, 2)]
