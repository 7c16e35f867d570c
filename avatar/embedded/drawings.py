"""Drawings: what the embedded experts learn from: a rich rendering, the plain sketch of the same figure, and a caption.

`python -m personify.avatar.embedded.drawings --sheet FILE --count N` writes a contact sheet.
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from personify.avatar.brief import AppearanceBrief
from personify.avatar.embedded.captions import caption
from personify.avatar.embedded.figures import Laid, lay_figure
from personify.avatar.embedded.lights import rig_for
from personify.avatar.embedded.plans import KINDS, STYLES, Plan, make_plan
from personify.avatar.embedded.rich import render_rich
from personify.avatar.sketch.backdrops import backdrop
from personify.avatar.sketch.styles import render

__all__ = ["KINDS", "STYLES", "Drawn", "draw_rich", "held_out"]
_HELD_OUT = 0.04
MIN_SIZE_PX = 64


@dataclass(frozen=True)
class Drawn:
    """One example: `image` uint8 RGB (size, size, 3), the rich drawing; `plain` likewise, the fast sketch of the same
    figure in the same pose in any of the sketch's styles; `landmarks` float32 (478, 2) pixels, None where no face is
    drawn that a detector could use; `kind` one of `KINDS`."""

    image: np.ndarray
    plain: np.ndarray
    caption: str
    style: str
    archetype: str
    kind: str
    landmarks: np.ndarray | None


def draw_rich(
    seed: int,
    *,
    size: int = 512,
    style: str | None = None,
    kind: str | None = None,
    brief: AppearanceBrief | None = None,
) -> Drawn:
    """The seed's drawing; whatever is given replaces what the seed would choose. Same arguments, same bytes.

    Raises `BadInput` for an unknown style or kind, `ValueError` for a size below 64 pixels.
    """
    if size < MIN_SIZE_PX:
        raise ValueError(f"a drawing of {size} px can't be made; choose {MIN_SIZE_PX} or more")
    plan = make_plan(seed, style, kind, brief)
    rig = rig_for(plan.rig, np.random.default_rng([seed, 105]))
    laid = lay_figure(plan, size, rig.shadows_from)
    wall = backdrop(laid.layers, plan.scene, laid.main, np.random.default_rng([seed, 106]))
    return Drawn(
        image=_finished(render_rich(plan, laid, wall, rig), laid),
        plain=_finished(_plain(plan, laid, wall), laid),
        caption=caption(plan),
        style=plan.style,
        archetype=plan.brief.archetype,
        kind=plan.kind,
        landmarks=laid.landmarks,
    )


def held_out(seed: int) -> bool:
    """Whether the seed is one of the 4 % that are never trained on."""
    digest = hashlib.sha256(f"held out {seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < _HELD_OUT * 2**64


def _plain(plan: Plan, laid: Laid, wall: np.ndarray) -> np.ndarray:
    return render(laid.layers, wall, plan.plain_style, plan.seed % (1 << 16))


def _finished(picture: np.ndarray, laid: Laid) -> np.ndarray:
    """With light on the eyes, as uint8."""
    import cv2

    for outline in laid.glints:
        x0, y0 = np.floor(outline.min(0)).astype(int) - 3
        x1, y1 = np.ceil(outline.max(0)).astype(int) + 4
        size = picture.shape[0]
        if x0 < 0 or y0 < 0 or x1 > size or y1 > size:
            continue
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(mask, [np.round((outline - (x0, y0)) * 32).astype(np.int32)], (255,), cv2.LINE_AA, 5)
        light = cv2.GaussianBlur(mask, (0, 0), 0.6).astype(np.float32)[..., None] * np.float32(0.95 / 255)
        area = picture[y0:y1, x0:x1]
        area += (np.float32(0.98) - area) * light
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def sheet(count: int, *, first: int = 0, columns: int = 8, cell_px: int = 256, both: bool = False) -> np.ndarray:
    """A contact sheet of `count` drawings with their captions, uint8 RGB; `both` sets the plain sketch beside each."""
    import cv2

    cells = []
    for seed in range(first, first + count):
        drawn = draw_rich(seed, size=512)
        images = [drawn.plain, drawn.image] if both else [drawn.image]
        for image in images:
            cell = np.full((cell_px + 30, cell_px, 3), 255, np.uint8)
            cell[:cell_px] = cv2.resize(image, (cell_px, cell_px), interpolation=cv2.INTER_AREA)
            for line, text in enumerate(_lines(f"{drawn.kind[0]} {drawn.caption}", cell_px // 6)[:2]):
                place = (3, cell_px + 11 + 13 * line)
                cv2.putText(cell, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.33, (0, 0, 0), 1, cv2.LINE_AA)
            cells.append(cell)
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[at : at + columns]) for at in range(0, len(cells), columns)])


def _lines(text: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, width) or [""]


def main() -> None:
    """Writes a contact sheet."""
    import cv2

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheet", type=Path, required=True, help="the PNG to write")
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--both", action="store_true", help="show the plain sketch beside each drawing")
    asked = parser.parse_args()
    picture = sheet(asked.count, first=asked.first, columns=asked.columns, both=asked.both)
    part = asked.sheet.with_name(f".{asked.sheet.stem}.part.png")
    if not cv2.imwrite(str(part), picture[..., ::-1]):
        raise SystemExit(f"can't write {asked.sheet}")
    part.replace(asked.sheet)


if __name__ == "__main__":
    main()
