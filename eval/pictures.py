"""The README's pictures, drawn by the current code: `python -m personify.eval.pictures` (or `make pictures`)."""

import argparse
from pathlib import Path

import numpy as np

from personify.avatar.animation import animate
from personify.avatar.portrait import Portrait
from personify.eval.gallery import FOUR_EXPRESSIONS, contact_sheet, draw_gallery, dressed, in_every_style
from personify.eval.talk import write_talk
from personify.pipelines.services import FPS, Services
from personify.voices.brief import VoiceBrief
from personify.voices.speech import Speech

SENTENCE = "Bob, my papa, found five fat moons up above."
"""Closures, teeth on the lip, rounded and open vowels, in three seconds."""
CAST = ("a grumpy teapot who loves astronomy", "a dreamy boy who loves astronomy", "wise owl professor")
_TELLING = ("", "b", "ɑː", "m", "p", "f", "aɪ", "v", "uː", "n", "ʌ")


def speaking_frames(portrait: Portrait, speech: Speech, seed: int) -> list[tuple[str, np.ndarray]]:
    """One frame for each of the telling phonemes that the speech has, with its symbol."""
    frames = list(animate(portrait, speech, seed=seed, fps=FPS))
    out = []
    for symbol in _TELLING:
        phoneme = next((p for p in speech.phonemes if p.symbol == symbol), None)
        if phoneme is not None:
            middle = (phoneme.start_s + phoneme.end_s) / 2
            out.append((symbol or "silence", frames[min(int(middle * FPS), len(frames) - 1)]))
    return out


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


def _close_up(image: np.ndarray, portrait: Portrait) -> np.ndarray:
    """The face of a frame, square."""
    points = portrait.landmarks
    if points is None:
        return image
    centre = points.mean(axis=0)
    half = int(np.ptp(points[:, 1]) * 0.72)
    x, y = (int(np.clip(c, half, n - half)) for c, n in zip(centre, image.shape[1::-1], strict=True))
    return image[y - half : y + half, x - half : x + half]


def write_pictures(out: Path, seed: int = 7) -> list[Path]:
    """Writes gallery.jpg, clip.jpg, styles.jpg and accessories.jpg, and talk's clips, into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    entries = draw_gallery(seed)
    paths = [_save(out / "gallery.jpg", contact_sheet((e.portrait.image for e in entries), 8, 176))]
    services, rows = Services(), []
    for description in CAST:
        persona = services.write(description, seed=seed)
        portrait = services.draw(persona.appearance, seed=seed, expert=services.pick(persona.appearance).name)
        speech = services.speak(SENTENCE, services.choose(persona.voice).name, voice=VoiceBrief())
        frames = speaking_frames(portrait, speech, seed)
        rows += [label(_close_up(frame, portrait), symbol) for symbol, frame in frames[:10]]
    paths.append(_save(out / "clip.jpg", contact_sheet(rows, 10, 150)))
    styles = in_every_style("a mischievous fox", FOUR_EXPRESSIONS, seed)
    paths.append(_save(out / "styles.jpg", contact_sheet(styles, 4, 240)))
    paths.append(_save(out / "accessories.jpg", contact_sheet(dressed(seed)[:32], 8, 176)))
    return [*paths, *write_talk(out, seed)]


def _save(path: Path, image: np.ndarray) -> Path:
    from PIL import Image

    Image.fromarray(image).save(path, quality=88, optimize=True, progressive=True)
    return path


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    for path in write_pictures(parser.parse_args().out):
        print(path)  # noqa: T201 - an entry point


if __name__ == "__main__":
    main()
