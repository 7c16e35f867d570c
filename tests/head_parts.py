"""What the tests of the talking head stand on: hand-made speech and one portrait of each kind."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.faceframe import FaceFrame
from personify.avatar.landmarks import LEFT_EYE_UPPER, RIGHT_EYE_UPPER
from personify.avatar.portrait import Portrait
from personify.avatar.portraits import draw_portrait
from personify.voices.speech import SILENCE, Speech, TimedPhoneme

RATE_HZ = 22050
SENTENCE = (
    (SILENCE, 0.3, 0), ("b", 0.07, 0), ("ɑː", 0.2, 2), ("m", 0.08, 0), ("iː", 0.18, 2), ("p", 0.02, 0), ("uː", 0.18, 1),
    ("f", 0.1, 0), ("oʊ", 0.2, 2), ("t͡ʃ", 0.1, 0), (SILENCE, 0.4, 0), ("θ", 0.1, 0), ("aɪ", 0.2, 2), ("b", 0.06, 0),
    ("ə", 0.1, 0), (SILENCE, 0.3, 0),
)  # fmt: skip


def speech_of(sounds=SENTENCE, *, rate_hz: int = RATE_HZ) -> Speech:
    """A speech of (symbol, seconds, stress): a tone where there is sound, nothing in pauses."""
    phonemes, pieces, at = [], [], 0.0
    for symbol, seconds, stress in sounds:
        phonemes.append(TimedPhoneme(symbol, at, at + seconds, stress))
        at += seconds
        times = np.arange(round(at * rate_hz) - sum(map(len, pieces))) / rate_hz
        pieces.append(0.3 * np.sin(2 * np.pi * 160 * times) * (symbol != SILENCE))
    samples = np.concatenate([np.zeros(0), *pieces]).astype(np.float32)
    return Speech("", samples, rate_hz, tuple(phonemes))


@cache
def portrait_of(archetype: str, size: int = 512) -> Portrait:
    """A drawn portrait; the same one for every test."""
    brief = AppearanceBrief(concept=archetype, category="cartoon", archetype=archetype)
    return draw_portrait(brief, seed=3, size=size)


def lined(portrait: Portrait, wider: float) -> Portrait:
    """The portrait with a thick black line along its upper lids, which goes on by `wider` (face units) beyond the
    corners."""
    unit, image = FaceFrame.of(portrait.landmarks).unit_px, portrait.image.copy()
    for numbers in (RIGHT_EYE_UPPER, LEFT_EYE_UPPER):
        points = portrait.landmarks[list(numbers)]
        points = points[np.argsort(points[:, 0])] - [0, 0.02 * unit]
        ends = np.array([points[0] - [wider * unit, 0], points[-1] + [wider * unit, 0]])
        line = np.concatenate([ends[:1], points, ends[1:]]).round().astype(np.int32)
        cv2.polylines(image, [line], False, (10, 10, 12), round(0.06 * unit), cv2.LINE_AA)
    return replace(portrait, image=image)
