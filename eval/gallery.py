"""The gallery: contact sheets of sketches to be looked at, and how many of them a landmark detector finds.

`python -m personify.eval.gallery --out DIR` (or `make gallery`) draws them and prints the counts.
"""

import argparse
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from personify.avatar.brief import EXPRESSIONS, AppearanceBrief
from personify.avatar.portrait import Portrait
from personify.avatar.portraits import draw_portrait
from personify.avatar.sketch.accessories import ACCESSORIES
from personify.avatar.sketch.draw import draw
from personify.avatar.sketch.styles import STYLES
from personify.pipelines.writers import persona_writer

FOUR_EXPRESSIONS = ("happy", "grumpy", "surprised", "sleepy")


@dataclass(frozen=True)
class Entry:
    """One portrait of the gallery and what it was asked to be."""

    category: str
    description: str
    portrait: Portrait


def descriptions() -> dict[str, list[str]]:
    """The gallery's descriptions by category."""
    return tomllib.loads(files("personify.eval").joinpath("prompts/gallery.toml").read_text(encoding="utf-8"))


def in_turn(count: int) -> list[str]:
    """So many of the gallery's descriptions, one of each category in turn; after the last, from the first on again."""
    columns = list(descriptions().values())
    rounds = range(-(-count // len(columns)))
    return [column[at % len(column)] for at in rounds for column in columns][:count]


def appearance_of(description: str, seed: int) -> AppearanceBrief:
    """The appearance brief that the built-in writer makes of a description."""
    return persona_writer("builtin").write(description, seed=seed).appearance


def draw_gallery(seed: int = 7) -> list[Entry]:
    """The portraits of all the gallery's descriptions, in order."""
    return [
        Entry(category, text, draw_portrait(appearance_of(text, seed), seed=seed))
        for category, texts in descriptions().items()
        for text in texts
    ]


def contact_sheet(images: Iterable[np.ndarray], columns: int, cell_px: int = 256) -> np.ndarray:
    """The images in a grid, uint8 RGB; the last row is filled up with white."""
    import cv2

    cells = [cv2.resize(image, (cell_px, cell_px), interpolation=cv2.INTER_AREA) for image in images]
    cells += [np.full((cell_px, cell_px, 3), 255, np.uint8)] * (-len(cells) % columns)
    rows = [np.concatenate(cells[at : at + columns], axis=1) for at in range(0, len(cells), columns)]
    return np.concatenate(rows, axis=0)


def with_landmarks(portrait: Portrait) -> np.ndarray:
    """The portrait with its landmarks as dots."""
    import cv2

    image = portrait.image.copy()
    for x, y in portrait.landmarks if portrait.landmarks is not None else ():
        cv2.circle(image, (round(float(x)), round(float(y))), 1, (40, 255, 120), -1, cv2.LINE_AA)
    return image


def summary(entries: list[Entry]) -> dict[str, object]:
    """How many were found and found plausibly, the mean error to the drawing, and the misses by name."""
    errors = [e.portrait.verdict.error for e in entries if e.portrait.verdict.error is not None]
    missed = {e.description: e.portrait.verdict.reasons for e in entries if not e.portrait.verdict.plausible}
    return {
        "portraits": len(entries),
        "found": sum(e.portrait.verdict.found for e in entries),
        "plausible": sum(e.portrait.verdict.plausible for e in entries),
        "mean_error": round(float(np.mean(errors)), 4) if errors else None,
        "missed": missed,
    }


def write_sheets(out: Path, seed: int = 7) -> dict[str, object]:
    """Writes the contact sheets into `out` and returns the summary, which goes there too as summary.json."""
    out.mkdir(parents=True, exist_ok=True)
    entries = draw_gallery(seed)
    _save(out / "gallery.png", contact_sheet((e.portrait.image for e in entries), 8))
    _save(out / "landmarks.png", contact_sheet((with_landmarks(e.portrait) for e in entries[::4]), 4, 384))
    seeds = [draw_portrait(appearance_of("a cheerful teapot", s), seed=s).image for s in range(8)]
    _save(out / "seeds.png", contact_sheet(seeds, 4))
    _save(out / "styles.png", contact_sheet(in_every_style("a wise fox", FOUR_EXPRESSIONS, seed), 4, 320))
    _save(out / "expressions.png", contact_sheet(in_every_style("a teapot", EXPRESSIONS, seed), len(EXPRESSIONS), 192))
    _save(out / "accessories.png", contact_sheet(dressed(seed), 8, 224))
    result = summary(entries)
    (out / "summary.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return result


def in_every_style(description: str, expressions: Iterable[str], seed: int) -> list[np.ndarray]:
    """One concept in every style (a row each) with those expressions (a column each)."""
    brief, shown = appearance_of(description, seed), list(expressions)
    return [
        draw(brief.model_copy(update={"expression": name}), seed=seed, style=style).image
        for style in STYLES
        for name in shown
    ]


def dressed(seed: int) -> list[np.ndarray]:
    """Every accessory, each worn by another of a few characters."""
    wearers = [appearance_of(text, seed) for text in ("a bear", "a woman", "a teapot", "a man", "an apple", "a robot")]
    return [
        draw(wearers[at % len(wearers)].model_copy(update={"accessories": (name,)}), seed=seed + at).image
        for at, name in enumerate(ACCESSORIES)
    ]


def _save(path: Path, image: np.ndarray) -> None:
    from PIL import Image

    Image.fromarray(image).save(path, optimize=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("gallery"))
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    result = write_sheets(options.out, options.seed)
    print(json.dumps(result, indent=2))  # noqa: T201 - an entry point


if __name__ == "__main__":
    main()
