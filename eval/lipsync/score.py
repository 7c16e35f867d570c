"""One clip's score: what is seen of its frames, and how fast it was made."""

from dataclasses import dataclass

import numpy as np

from personify.avatar.animation import animate, face_shapes
from personify.avatar.detector import FaceMeshDetector
from personify.avatar.motion import motion_track
from personify.avatar.portrait import Portrait
from personify.avatar.rig import build_rig
from personify.avatar.visemes import viseme_track
from personify.eval.lipsync import seeing
from personify.eval.lipsync.speed import Pace, pace_of
from personify.voices.speech import Speech


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
    """The largest change outside the character's mask, at rest and as moved, in levels of 255; None where nobody can
    tell the character from its background."""
    least_area: float
    """The least that the warp leaves of a pixel's area in any frame; at or below 0 it folds."""
    blinks: int
    shut: float
    """The smallest of the blinks' peaks, 1 fully shut."""
    seconds: float
    pace: Pace


def measure(
    portrait: Portrait,
    speech: Speech,
    detector: FaceMeshDetector,
    *,
    name: str,
    seed: int,
    expression: str = "neutral",
    rounds: int = 1,
) -> Score:
    """One clip's score. The portrait must have landmarks."""
    rig = build_rig(portrait)
    drawn = list(animate(rig, speech, seed=seed, expression=expression))
    pace = pace_of(portrait, speech, seed=seed, expression=expression, rounds=rounds)
    visemes, motion = viseme_track(speech), motion_track(speech, seed=seed, expression=expression)
    shapes = list(face_shapes(visemes, motion))
    ground = seeing.Ground(portrait)
    looks = [ground.look(frame, shape.pose) for frame, shape in zip(drawn, shapes, strict=True)]
    changes = [change for change, _ in looks if change is not None]
    rest = detector.find(portrait.image)
    seen = [detector.find(frame) for frame in drawn]
    gap = np.array([np.nan if points is None else seeing.lip_gap(points) for points in seen])
    bias = 0.0 if rest is None else seeing.lip_gap(rest)
    largest = float(np.nanmax(gap, initial=bias + 1e-6)) - bias
    moments = (speech, visemes.n_frames, visemes.fps)
    blinks = seeing.peaks(motion.channel("blink"))
    return Score(
        name=name,
        found=float(np.mean([points is not None for points in seen])),
        correlation=seeing.correlation(gap, np.array([sum(shape.mouth.opening) for shape in shapes])),
        closure_gap=seeing.mean_share([gap[at] for at in seeing.closures(*moments)], bias, largest, np.nanmin),
        silence_gap=seeing.mean_share([gap[at] for at in seeing.silences(*moments)], bias, largest, np.nanmedian),
        lag_ms=seeing.lag_ms(gap, speech, visemes.fps),
        identity=seeing.identity(rest, seen),
        background=max(changes, default=None),
        least_area=min((area for _, area in looks), default=1.0),
        blinks=len(blinks),
        shut=min(blinks, default=1.0),
        seconds=speech.duration_s,
        pace=pace,
    )
