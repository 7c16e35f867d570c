"""Contact sheets of talking heads: for each character, the frames that tell most about its mouth, lids and pose."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from personify.avatar.animation import spoken_shapes
from personify.avatar.portrait import Portrait
from personify.avatar.rig import FaceShape, build_rig
from personify.eval.gallery import contact_sheet, in_turn
from personify.pipelines.draft import draft_file
from personify.pipelines.services import FPS, Services
from personify.voices.brief import VoiceBrief
from personify.voices.errors import MissingExtra
from personify.voices.speech import Speech

SENTENCE = "Bob, my papa, found five fat moons up above."
"""Closures, teeth on the lip, rounded and open vowels, in three seconds."""
SILENCE, BLINK, TURN = "silence", "blink", "turn"
_PHONEMES = ("b", "ɑː", "m", "p", "f", "aɪ", "v", "uː", "n", "ʌ")
_AVATARS, _ROWS, _CELL_PX = 16, 8, 160


def need_matplotlib() -> None:
    """Raises `MissingExtra` where matplotlib is missing, whose font the captions are written in."""
    try:
        import matplotlib  # noqa: F401 - only to see whether it is there
    except ImportError as error:
        raise MissingExtra("captions on sheets need matplotlib: pip install 'personify[bench]'") from error


def telling_frames(portrait: Portrait, speech: Speech, seed: int, expression: str = "neutral") -> dict[str, np.ndarray]:
    """The frames of the clip that show it in silence, in the middle of each telling phoneme that it has (by its IPA
    symbol), at its fullest blink, and turned furthest; uint8 RGB (H, W, 3)."""
    shapes = list(spoken_shapes(speech, seed=seed, fps=FPS, expression=expression))
    rig = build_rig(portrait)
    return {name: rig.draw(shapes[at]) for name, at in _moments(speech, shapes)}


def _moments(speech: Speech, shapes: Sequence[FaceShape]) -> Iterator[tuple[str, int]]:
    """Names of frames with their numbers."""
    for symbol in ("", *_PHONEMES):
        spoken = next((p for p in speech.phonemes if p.symbol == symbol), None)
        if spoken is not None:
            middle = int((spoken.start_s + spoken.end_s) / 2 * FPS)
            yield symbol or SILENCE, min(middle, len(shapes) - 1)
    yield BLINK, int(np.argmax([shape.eyes.blink for shape in shapes]))
    yield TURN, int(np.argmax([abs(shape.pose.yaw) + abs(shape.pose.pitch) for shape in shapes]))


def label(image: np.ndarray, text: str) -> np.ndarray:
    """The image with a caption in its lower left corner."""
    from matplotlib import font_manager
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.fromarray(image)
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), size=max(14, image.shape[0] // 14))
    pen = ImageDraw.Draw(picture)
    at = (image.shape[1] // 24, image.shape[0] - image.shape[0] // 8)
    pen.text(at, text, fill="white", font=font, stroke_width=2, stroke_fill="black")
    return np.asarray(picture)


def close_up(image: np.ndarray, portrait: Portrait) -> np.ndarray:
    """The face of a frame, square; the whole frame for a portrait without landmarks."""
    points = portrait.landmarks
    if points is None:
        return image
    half = int(min(np.ptp(points[:, 1]) * 0.72, *(side / 2 for side in image.shape[:2])))
    x, y = (int(np.clip(c, half, n - half)) for c, n in zip(points.mean(axis=0), image.shape[1::-1], strict=True))
    return image[y - half : y + half, x - half : x + half]


def write_sheets(out: Path, seed: int = 7, avatars: int = _AVATARS, expert: str | None = None) -> list[Path]:
    """Writes heads-1.png, heads-2.png, ... into `out`: a character a row, over the gallery's categories in turn, each
    drawn by the expert that fits it, or by the `expert` named. Raises what drawing and speaking raise,
    `MissingExtra` without matplotlib, and `PersonifyError` where nothing can be written."""
    from PIL import Image

    need_matplotlib()
    prompts, services, paths = in_turn(avatars), Services(), []
    for first in range(0, len(prompts), _ROWS):
        paths.append(out / f"heads-{first // _ROWS + 1}.png")
        with draft_file(paths[-1], force=True) as draft:
            rows = [_row(services, text, seed, expert) for text in prompts[first : first + _ROWS]]
            sheet = contact_sheet(chain.from_iterable(rows), len(rows[0]), _CELL_PX)
            Image.fromarray(sheet).save(draft, "PNG", optimize=True)
    return paths


def _row(services: Services, description: str, seed: int, expert: str | None) -> list[np.ndarray]:
    persona = services.write(description, seed=seed)
    looks = persona.appearance
    portrait = services.draw(looks, seed=seed, expert=services.pick(looks, name=expert).name)
    speech = services.speak(SENTENCE, services.choose(persona.voice).name, voice=VoiceBrief())
    shown = telling_frames(portrait, speech, seed, looks.expression)
    return [label(close_up(frame, portrait), name) for name, frame in shown.items()]
