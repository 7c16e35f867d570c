"""The film of a talk: portraits side by side or in a grid, one speaks while the others listen, on one time line.

Every head is animated by one stream over the whole talk, silent where others speak, so nothing jumps between speaking
and listening. Frames and sound are made as they are written, and memory stays flat.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from personify.avatar.heads import DrawnHead, Head
from personify.avatar.rig import FaceShape
from personify.voices.speech import SILENCE, Speech, TimedPhoneme, between_silences

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

Item = TypeVar("Item")

RATE_HZ = 48000
"""Voices of several rates share one track, at the rate that clips are encoded with."""
WIDEST_PX, PANEL_PX, GAP_PX, CAPTION_PX = 1536, 512, 8, 40
LEAD_S, TAIL_S = 0.4, 0.7
PAUSE_S = (0.3, 0.6)
"""Between turns; drawn anew for each."""
_LISTEN_AT_S, _LOOK_S = 0.25, 0.3
"""Listeners turn to a speaker from so long before the sound on, with this time constant."""
_YAW, _PITCH, _GAZE_X, _GAZE_Y = 5.0, 2.5, 7.0, 4.0
"""How far one turns to who speaks, degrees; within what a portrait can show (`avatar/motion.py`)."""
_SPEAKER_TURNS = 0.45
"""Who speaks looks at the others only so much of the way, and at the viewer for the rest."""
_NAME_PX = 18
_BACK, _NAME, _NAME_SPEAKING = (17, 18, 22), (128, 132, 142), (240, 241, 244)


@dataclass(frozen=True)
class Beat:
    """One turn on the time line: who speaks from when until when (seconds from the start), and for each head its part,
    all of one length at `RATE_HZ`."""

    who: int
    start_s: float
    end_s: float
    parts: tuple[Speech, ...]

    @property
    def sound(self) -> Speech:
        """What is heard."""
        return self.parts[self.who]


def beats(speeches: Iterator[tuple[int, Speech]], heads: int, seed: int) -> Iterator[Beat]:
    """The turns on one time line, with a pause before each and after the last."""
    rng = np.random.default_rng([seed, 0x7461])
    at, following = 0, next(speeches, None)
    while following is not None:
        who, speech = following
        following = next(speeches, None)
        lead = round((LEAD_S if at == 0 else rng.uniform(*PAUSE_S)) * RATE_HZ)
        tail = 0 if following else round(TAIL_S * RATE_HZ)
        spoken = between_silences(at_rate(speech), lead, tail)
        length = len(spoken.samples)
        silence = Speech("", np.zeros(length, np.float32), RATE_HZ, (TimedPhoneme(SILENCE, 0.0, length / RATE_HZ),))
        parts = tuple(spoken if head == who else silence for head in range(heads))
        yield Beat(who, (at + lead) / RATE_HZ, (at + length - tail) / RATE_HZ, parts)
        at += length


def at_rate(speech: Speech, rate_hz: int = RATE_HZ) -> Speech:
    """The speech at another sample rate, by a polyphase filter."""
    from scipy.signal import resample_poly

    if speech.sample_rate_hz == rate_hz:
        return speech
    common = math.gcd(rate_hz, speech.sample_rate_hz)
    samples = resample_poly(speech.samples, rate_hz // common, speech.sample_rate_hz // common)
    return replace(speech, samples=np.clip(samples, -1, 1).astype(np.float32), sample_rate_hz=rate_hz)


@dataclass(frozen=True)
class Performer:
    """One who takes part: the head, the longer side of its frames in pixels, its mood, its seed, and its name."""

    head: Head
    side_px: int
    expression: str
    seed: int
    name: str


class Stage:
    """Where each of `count` portraits stands: in one row up to three, else in a grid. Panels are no larger than
    `side_px`."""

    def __init__(self, count: int, side_px: int = PANEL_PX) -> None:
        self.columns = count if count <= 3 else math.ceil(math.sqrt(count))
        self.rows = math.ceil(count / self.columns)
        fits_px = (WIDEST_PX - GAP_PX * (self.columns - 1)) // self.columns
        self.panel_px = min(PANEL_PX, side_px, fits_px) // 4 * 4
        self.width = self.columns * (self.panel_px + GAP_PX) - GAP_PX
        self.height = self.rows * (self.panel_px + CAPTION_PX + GAP_PX) - GAP_PX
        self.places = [self._place(number, count) for number in range(count)]
        """The left and upper corner of each panel, pixels; a last row that isn't full stands in the middle."""

    def _place(self, number: int, count: int) -> tuple[int, int]:
        row, column = divmod(number, self.columns)
        in_row = min(self.columns, count - row * self.columns)
        left = (self.width - in_row * (self.panel_px + GAP_PX) + GAP_PX) // 2
        return left + column * (self.panel_px + GAP_PX), row * (self.panel_px + CAPTION_PX + GAP_PX)

    def towards(self, one: int, other: int) -> tuple[float, float]:
        """The direction from one to the other, right and down, each -1 to 1."""
        step = self.panel_px + GAP_PX
        across, down = (b - a for a, b in zip(self.places[one], self.places[other], strict=True))
        return float(np.clip(across / step, -1, 1)), float(np.clip(down / step, -1, 1))


def frames(cast: Sequence[Performer], parts: Iterator[Beat], fps: float) -> Iterator[np.ndarray]:
    """Frames of all together, uint8 RGB."""
    stage = Stage(len(cast), max(one.side_px for one in cast))
    known: list[tuple[float, float, int]] = []
    feeds = shared(_told(parts, known), len(cast))
    films = [
        _film(one, _parts(feed, at), fps, _Leaning(stage, at, known, fps))
        for at, (feed, one) in enumerate(zip(feeds, cast, strict=True))
    ]
    captions = [_captions(one.name, stage.panel_px) for one in cast]
    for number, pictures in enumerate(zip(*films, strict=True)):
        moment = (number + 0.5) / fps
        _forget(known, moment)
        speaker = next((who for start, end, who in known if start <= moment < end), None)
        yield _composed(stage, pictures, [pair[at == speaker] for at, pair in enumerate(captions)])


def shared(items: Iterator[Item], count: int) -> tuple[Iterator[Item], ...]:
    """So many iterators over the same items, each of which is let go of once all have had it.

    `itertools.tee` keeps up to 57 until all are past them, which for sound is too much.
    """
    waiting: list[deque[Item]] = [deque() for _ in range(count)]

    def feed(own: deque[Item]) -> Iterator[Item]:
        while True:
            if not own:
                item = next(items, None)
                if item is None:
                    return
                for queue in waiting:
                    queue.append(item)
                del item
            yield own.popleft()

    return tuple(feed(own) for own in waiting)


def _parts(feed: Iterator[Beat], head: int) -> Iterator[Speech]:
    """What one head says or keeps silent through."""
    return (beat.parts[head] for beat in feed)


def _told(parts: Iterator[Beat], known: list[tuple[float, float, int]]) -> Iterator[Beat]:
    for beat in parts:
        known.append((beat.start_s, beat.end_s, beat.who))
        yield beat


def _forget(known: list[tuple[float, float, int]], moment: float) -> None:
    """Lets go of turns that are over, but for the last one, whose speaker is still looked at."""
    while len(known) > 1 and known[1][0] - _LISTEN_AT_S <= moment:
        known.pop(0)


def _film(
    one: Performer, parts: Iterator[Speech], fps: float, lean: Callable[[FaceShape], FaceShape]
) -> Iterator[np.ndarray]:
    """One head's frames; one that only draws shapes also turns to who speaks."""
    head = one.head
    if not isinstance(head, DrawnHead):
        return head.animate(parts, seed=one.seed, fps=fps, expression=one.expression)
    from personify.avatar.animation import spoken_shapes

    shapes = spoken_shapes(parts, seed=one.seed, fps=fps, expression=one.expression)
    return (head.draw(lean(shape)) for shape in shapes)


class _Leaning:
    """Turns one head and its eyes to who speaks: a direction that follows with two equal time constants, so that it
    starts and ends softly."""

    def __init__(self, stage: Stage, me: int, known: list[tuple[float, float, int]], fps: float) -> None:
        self._stage, self._me, self._known, self._fps = stage, me, known, fps
        self._share = 1 - math.exp(-1 / (fps * _LOOK_S / 2))
        self._on_the_way, self._now = np.zeros(2), np.zeros(2)
        self._number = 0
        self._partner: int | None = None

    def __call__(self, shape: FaceShape) -> FaceShape:
        moment = self._number / self._fps
        self._number += 1
        self._on_the_way += self._share * (self._aim(moment) - self._on_the_way)
        self._now += self._share * (self._on_the_way - self._now)
        across, down = self._now
        pose, eyes = shape.pose, shape.eyes
        pose = replace(
            pose,
            yaw=float(np.clip(pose.yaw + _YAW * across, -15, 15)),
            pitch=float(np.clip(pose.pitch - _PITCH * down, -12, 12)),
        )
        eyes = replace(
            eyes,
            gaze_x=float(np.clip(eyes.gaze_x + _GAZE_X * across, -20, 20)),
            gaze_y=float(np.clip(eyes.gaze_y + _GAZE_Y * down, -16, 16)),
        )
        return replace(shape, pose=pose, eyes=eyes)

    def _aim(self, moment: float) -> np.ndarray:
        begun = [who for start, _, who in self._known if start - _LISTEN_AT_S <= moment]
        speaker = begun[-1] if begun else None
        if speaker is None:
            return np.zeros(2)
        if speaker != self._me:
            self._partner = speaker
            return np.array(self._stage.towards(self._me, speaker))
        partner = self._partner if self._partner is not None else (self._me + 1) % len(self._stage.places)
        return _SPEAKER_TURNS * np.array(self._stage.towards(self._me, partner))


def _composed(stage: Stage, pictures: Sequence[np.ndarray], captions: Sequence[np.ndarray]) -> np.ndarray:
    canvas = np.empty((stage.height, stage.width, 3), np.uint8)
    canvas[:] = _BACK
    for picture, caption, (left, top) in zip(pictures, captions, stage.places, strict=True):
        panel = _fitted(picture, stage.panel_px)
        canvas[top : top + stage.panel_px, left : left + stage.panel_px] = panel
        canvas[top + stage.panel_px : top + stage.panel_px + CAPTION_PX, left : left + stage.panel_px] = caption
    return canvas


def _fitted(picture: np.ndarray, size: int) -> np.ndarray:
    """The picture in a square of that size, whole, over the stage's background."""
    import cv2

    height, width = picture.shape[:2]
    if (height, width) == (size, size):
        return picture
    scale = size / max(height, width)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    fitted = cv2.resize(picture, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=way)
    square = np.empty((size, size, 3), np.uint8)
    square[:] = _BACK
    top, left = (size - fitted.shape[0]) // 2, (size - fitted.shape[1]) // 2
    square[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return square


def _captions(name: str, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The strip with the name below a panel, uint8 RGB (CAPTION_PX, width, 3): for listening, and for speaking."""
    return _caption(name, width, _NAME), _caption(name, width, _NAME_SPEAKING)


def _caption(name: str, width: int, colour: tuple[int, int, int]) -> np.ndarray:
    from PIL import Image, ImageDraw

    strip = Image.new("RGB", (width, CAPTION_PX), _BACK)
    font = _font()
    if font is None:
        return np.asarray(strip)
    shown = name if _has_letters(font, name) else _romanised(name)
    while font.getlength(shown) > width - 16 and len(shown) > 1:
        shown = f"{shown.rstrip('…')[:-1].rstrip()}…"
    ImageDraw.Draw(strip).text((width / 2, CAPTION_PX / 2), shown, font=font, fill=colour, anchor="mm")
    return np.asarray(strip)


@cache
def _font() -> "FreeTypeFont | None":
    """DejaVu Sans, which comes with matplotlib and so with MediaPipe: Latin with its accents, Greek, Cyrillic, Arabic
    and more; else Pillow's own, which has plain letters; None where Pillow can't draw any."""
    from PIL import ImageFont

    found = find_spec("matplotlib")
    if found is not None and found.origin is not None:
        path = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if path.is_file():
            return ImageFont.truetype(path, _NAME_PX)
    font = ImageFont.load_default(size=_NAME_PX)
    return font if isinstance(font, ImageFont.FreeTypeFont) else None


def _has_letters(font: "FreeTypeFont", text: str) -> bool:
    """Whether the font can draw all of it: what it can't it draws as it draws what is no character."""
    missing = bytes(font.getmask("\uffff"))
    return not any(bytes(font.getmask(char)) == missing for char in text if not char.isspace())


def _romanised(name: str) -> str:
    from text_unidecode import unidecode  # type: ignore[import-untyped]  # python-slugify brings it

    return " ".join(unidecode(name).split())
