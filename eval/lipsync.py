"""How well the talking head keeps its promises: what a landmark detector sees in its frames, beside what was meant.

Every clip is measured before encoding. `python -m personify.eval.lipsync --clips N` prints the table.
"""

import argparse
import json
import os
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from personify.avatar.animation import animate, face_shapes
from personify.avatar.detector import FaceMeshDetector
from personify.avatar.landmarks import LEFT_EYE_UPPER, NOSE_BASE, NOSE_BRIDGE, OVAL, RIGHT_EYE_UPPER, inter_ocular
from personify.avatar.motion import motion_track
from personify.avatar.portrait import Portrait
from personify.avatar.rig import build_rig
from personify.avatar.video import write_clip
from personify.avatar.visemes import VisemeTrack, viseme_track
from personify.voices.speech import SILENCE, Speech

CLOSURES = frozenset("pbm")
_RIGID = sorted({*NOSE_BRIDGE, *NOSE_BASE, *OVAL[:9], *OVAL[-9:], *(RIGHT_EYE_UPPER[i] for i in (0, -1)),
                 *(LEFT_EYE_UPPER[i] for i in (0, -1))})  # fmt: skip
"""Points that speech doesn't move: nose, corners of the eyes, the upper half of the oval."""
_BACKGROUND_MARGIN = 0.25
"""How far from the character's mask the background must be still, eye distances; nearer by, the head sways over it."""


@dataclass(frozen=True)
class Score:
    """One clip's figures. Gaps are shares of the clip's largest; None where the clip has nothing to measure it on."""

    name: str
    found: float
    """Share of frames in which the detector finds the face."""
    correlation: float
    """Between the inner-lip gap that is seen and the one that was meant."""
    closure_gap: float | None
    """The mean over p, b and m of the smallest gap seen during each, less the gap seen in the portrait at rest."""
    silence_gap: float | None
    """The same for the middle of pauses."""
    lag_ms: float
    """The shift of the seen gap at which it follows the loudness best; above 0 the mouth is late."""
    identity: float
    """Mean error of the points that speech doesn't move, after undoing an affine pose, in eye distances."""
    background: int | None
    """The largest change away from the character, in levels of 255; None without a mask."""
    blinks: int
    shut: float
    """The smallest of the blinks' peaks, 1 fully shut."""
    seconds: float
    frames_per_s: float
    """With rig and encoding."""
    encoder_per_s: float
    """The encoder alone on the same frames."""


@dataclass(frozen=True)
class Check:
    """One line of the report: a figure over all clips, and whether it meets its target."""

    what: str
    value: float
    target: str
    met: bool


def measure(portrait: Portrait, speech: Speech, detector: FaceMeshDetector, *, name: str, seed: int) -> Score:
    """One clip's score. The portrait must have landmarks."""
    drawn, total_s, encoder_s = _render(portrait, speech, seed)
    track = viseme_track(speech)
    motion = motion_track(speech, seed=seed)
    meant = np.array([sum(shape.mouth.opening) for shape in face_shapes(track, motion)])
    rest = detector.find(portrait.image)
    seen = [detector.find(frame) for frame in drawn]
    gap = np.array([np.nan if points is None else _gap(points) for points in seen])
    bias = 0.0 if rest is None else _gap(rest)
    blinks = _peaks(motion.blink)
    largest = float(np.nanmax(gap, initial=bias + 1e-6)) - bias
    return Score(
        name=name,
        found=float(np.mean([points is not None for points in seen])),
        correlation=_correlation(gap, meant),
        closure_gap=_mean_share([gap[at] for at in _closures(speech, track)], bias, largest, np.nanmin),
        silence_gap=_mean_share([gap[at] for at in _silences(speech, track)], bias, largest, np.nanmedian),
        lag_ms=_lag_ms(gap, speech, track.fps),
        identity=_identity(rest, seen),
        background=_background(portrait, drawn),
        blinks=len(blinks),
        shut=min(blinks, default=1.0),
        seconds=speech.duration_s,
        frames_per_s=len(drawn) / total_s,
        encoder_per_s=len(drawn) / encoder_s,
    )


def _render(portrait: Portrait, speech: Speech, seed: int) -> tuple[list[np.ndarray], float, float]:
    """The frames, the seconds for a clip from portrait to file, and the seconds of its encoding alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        started = time.perf_counter()
        write_clip(path, animate(build_rig(portrait), speech, seed=seed), speech)
        total_s = time.perf_counter() - started
        drawn = list(animate(portrait, speech, seed=seed))
        started = time.perf_counter()
        write_clip(path, iter(drawn), speech)
        return drawn, total_s, time.perf_counter() - started


def _gap(points: np.ndarray) -> float:
    """The inner lips' distance in eye distances."""
    return float(np.linalg.norm(points[14, :2] - points[13, :2])) / inter_ocular(points)


def _correlation(seen: np.ndarray, meant: np.ndarray) -> float:
    good = np.isfinite(seen)
    if good.sum() < 3 or np.ptp(seen[good]) < 1e-9 or np.ptp(meant[good]) < 1e-9:
        return 0.0
    return float(np.corrcoef(seen[good], meant[good])[0, 1])


def _closures(speech: Speech, track: VisemeTrack) -> Iterator[np.ndarray]:
    """The frames of each p, b and m."""
    middles = (np.arange(track.n_frames) + 0.5) / track.fps
    for phoneme in speech.phonemes:
        if phoneme.symbol[:1] in CLOSURES:
            within = np.flatnonzero((middles >= phoneme.start_s) & (middles <= phoneme.end_s))
            yield (
                within if within.size else np.array([np.abs(middles - (phoneme.start_s + phoneme.end_s) / 2).argmin()])
            )


def _silences(speech: Speech, track: VisemeTrack) -> Iterator[np.ndarray]:
    """The frames of each longer pause, without its beginning and end, where the mouth is still on its way."""
    middles = (np.arange(track.n_frames) + 0.5) / track.fps
    for phoneme in speech.phonemes:
        within = np.flatnonzero((middles >= phoneme.start_s + 0.08) & (middles <= phoneme.end_s - 0.08))
        if phoneme.symbol == SILENCE and within.size:
            yield within


def _mean_share(
    gaps: Sequence[np.ndarray], bias: float, largest: float, how: Callable[[np.ndarray], float]
) -> float | None:
    shares = [max(0.0, float(how(gap)) - bias) / largest for gap in gaps if np.isfinite(gap).any()]
    return float(np.mean(shares)) if shares and largest > 0 else None


def _lag_ms(gap: np.ndarray, speech: Speech, fps: float) -> float:
    """The lag with the highest cross-correlation within +-200 ms, on a 5 ms raster."""
    good = np.isfinite(gap)
    if good.sum() < 3:
        return float("nan")
    times = np.arange(0.2, max(speech.duration_s - 0.2, 0.205), 0.005)
    frame_times = (np.arange(len(gap)) + 0.5) / fps
    loudness = _loudness(speech, times)
    lags = np.arange(-0.2, 0.2001, 0.005)
    fit = [_correlation(np.interp(times + lag, frame_times[good], gap[good]), loudness) for lag in lags]
    return float(lags[int(np.argmax(fit))] * 1000)


def _loudness(speech: Speech, times: np.ndarray) -> np.ndarray:
    """RMS over 60 ms around each time."""
    power = np.concatenate([[0.0], np.cumsum(speech.samples.astype(np.float64) ** 2)])
    low, high = (np.clip(((times + d) * speech.sample_rate_hz).astype(int), 0, len(power) - 1) for d in (-0.03, 0.03))
    return np.sqrt((power[high] - power[low]) / np.maximum(high - low, 1))


def _identity(rest: np.ndarray | None, seen: list[np.ndarray | None]) -> float:
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


def _background(portrait: Portrait, drawn: list[np.ndarray]) -> int | None:
    if portrait.mask is None or portrait.landmarks is None:
        return None
    import cv2

    reach = int(_BACKGROUND_MARGIN * inter_ocular(portrait.landmarks)) * 2 + 1
    away = cv2.dilate(portrait.mask, np.ones((reach, reach), np.uint8)) == 0
    if not away.any():
        return None
    ground = portrait.image[away].astype(np.int16)
    return max(int(np.abs(frame[away] - ground).max()) for frame in drawn)


def _peaks(blink: np.ndarray) -> list[float]:
    """The highest point of each blink."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], blink > 0.02, [0]]).astype(int)))
    return [float(blink[a:b].max()) for a, b in edges.reshape(-1, 2)]


def checks(scores: Sequence[Score]) -> list[Check]:
    """The figures over all clips beside their targets; the means count, and for `found` every frame."""

    def mean(key: str) -> float:
        values = [getattr(s, key) for s in scores if getattr(s, key) is not None]
        return float(np.nanmean(values)) if values else float("nan")

    def most(what: str, value: float, limit: float) -> Check:
        return Check(what, round(value, 4), f"<= {limit:g}", value <= limit)

    def least(what: str, value: float, limit: float) -> Check:
        return Check(what, round(value, 4), f">= {limit:g}", value >= limit)

    minutes = sum(s.seconds for s in scores) / 60
    rate = sum(s.blinks for s in scores) / minutes
    return [
        least("frames in which the face is found", mean("found"), 0.99),
        least("correlation of the lips' gap, seen and meant", mean("correlation"), 0.9),
        most("gap at p, b, m, of the largest", mean("closure_gap"), 0.1),
        most("gap in silence, of the largest", mean("silence_gap"), 0.05),
        most("mouth against sound, ms", float(np.nanmedian([abs(s.lag_ms) for s in scores])), 40),
        most("identity's error, eye distances", mean("identity"), 0.03),
        most("change of the background, levels", max((s.background or 0 for s in scores), default=0), 2),
        Check("blinks a minute", round(rate, 1), "8 to 25", 8 <= rate <= 25),
        least("lids at a blink's peak, 1 shut", min(s.shut for s in scores), 0.98),
        least("frames a second with rig and encoding", mean("frames_per_s"), 200),
        least("the same, of the encoder alone", mean("frames_per_s") / mean("encoder_per_s"), 0.5),
    ]


def bench(clips: int = 40, seed: int = 7) -> list[Score]:
    """Scores of `clips` clips: the gallery's categories in turn, six tones and five sentences in turn."""
    from personify.avatar.portraits import draw_portrait
    from personify.eval.gallery import appearance_of, descriptions
    from personify.voices import load_tones, speak

    tones = load_tones()
    chosen = sorted(tones)[:: max(1, len(tones) // 6)][:6]
    sentences = tomllib.loads(files("personify.eval").joinpath("prompts/lipsync.toml").read_text("utf-8"))["sentences"]
    columns = list(descriptions().values())
    prompts = [column[row % len(column)] for row in range(-(-clips // len(columns))) for column in columns][:clips]
    detector = FaceMeshDetector()
    scores = []
    for i, prompt in enumerate(prompts):
        portrait = draw_portrait(appearance_of(prompt, seed), seed=seed)
        speech = speak(sentences[i % len(sentences)], tones[chosen[i % len(chosen)]])
        if portrait.landmarks is not None:
            scores.append(
                measure(portrait, speech, detector, name=f"{prompt} ({chosen[i % len(chosen)]})", seed=seed + i)
            )
    return scores


def as_report(scores: Sequence[Score]) -> dict[str, object]:
    """What `--json` prints: the checks and every clip's score."""
    found = checks(scores)
    return {
        "cpus": os.cpu_count(),
        "clips": len(scores),
        "all_met": all(check.met for check in found),
        "checks": [asdict(check) for check in found],
        "scores": [asdict(score) for score in scores],
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    scores = bench(options.clips, options.seed)
    if options.json:
        print(json.dumps(as_report(scores), indent=2))  # noqa: T201 - an entry point
        return
    for check in checks(scores):
        print(f"{check.what:50} {check.value:9.3f}  {check.target:9} {'ok' if check.met else 'MISSED'}")  # noqa: T201 - an entry point


if __name__ == "__main__":
    main()
