"""The README's pictures, drawn by the current code: `python -m personify.eval.pictures` (or `make pictures`)."""

import argparse
from pathlib import Path

import numpy as np

from personify.eval.gallery import FOUR_EXPRESSIONS, contact_sheet, draw_gallery, dressed, in_every_style
from personify.eval.lipsync.sheets import SENTENCE, close_up, label, telling_frames
from personify.eval.talk import write_talk
from personify.pipelines.services import Services
from personify.voices.brief import VoiceBrief

CAST = ("a grumpy teapot who loves astronomy", "a dreamy boy who loves astronomy", "wise owl professor")


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
        frames = telling_frames(portrait, speech, seed)
        rows += [label(close_up(frames[symbol], portrait), symbol) for symbol in list(frames)[:10]]
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
