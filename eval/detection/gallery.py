"""The gallery: which of a run's pictures are shown, small, with their landmarks drawn; knows nothing of pages."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from personify.avatar.experts import SKETCH
from personify.avatar.landmarks import CONTOURS, OVAL
from personify.eval.detection.rows import Row
from personify.voices.errors import PersonifyError

MOST_SUCCESSES = 64
SIZES = ((250, 192, 78), (700, 152, 70), (1500, 120, 62))
"""Up to so many failures, pictures are so many pixels across at that JPEG quality: the page stays a few MB."""
SMALLEST = (96, 58)
DRAWN_PX = 576
"""Landmarks are drawn at this size and made small with the picture, so that lines stay smooth."""
LINE, DOT, HALO = (255, 236, 92), (86, 220, 255), (16, 18, 22)
_CLOSED = frozenset({"oval"})
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Thumbnail:
    """One attempt in small. `plain` and `marked`: JPEG bytes, the latter with landmarks; None where there are none."""

    row: Row
    plain: bytes | None
    marked: bytes | None
    size: tuple[int, int]
    """Width and height in pixels."""
    note: str = ""
    """What keeps the picture or its landmarks from being shown."""


def stands_in(row: Row) -> bool:
    """Whether the sketch drew because every attempt of the expert that was asked had failed."""
    return row.expert == SKETCH and row.asked != SKETCH and row.attempt > 0


def successes(rows: Iterable[Row], most: int = MOST_SUCCESSES) -> list[Row]:
    """Plausible first attempts, as many of each category as far as there are, spread over who drew them how."""
    by_category: dict[str, dict[tuple[str, str], list[Row]]] = {}
    for row in rows:
        if row.plausible and row.attempt == 0:
            by_category.setdefault(row.category, {}).setdefault((row.asked, row.guidance), []).append(row)
    queues = []
    for at, drawn in enumerate(by_category.values()):
        ways = [_turned(_evenly(found), k * len(found) // len(drawn)) for k, found in enumerate(drawn.values())]
        queues.append(_new_first(_dealt(_turned(ways, at % len(ways)))))
    picked = {id(row) for row in list(_dealt(queues))[:most]}
    return [row for queue in queues for row in queue if id(row) in picked]


def failures(rows: Iterable[Row]) -> list[Row]:
    """Every attempt without a plausible face, in the order of the rows."""
    return [row for row in rows if not row.plausible]


def size_for(failed: int) -> tuple[int, int]:
    """Pixels across and JPEG quality of the pictures on a page with so many failures."""
    return next(((px, quality) for most, px, quality in SIZES if failed <= most), SMALLEST)


def thumbnails(folder: Path, rows: Sequence[Row], px: int, quality: int) -> Iterator[Thumbnail]:
    """The rows' pictures from the run's folder, at most `px` across.

    Where a face was found the detector looks at the saved picture again, and its landmarks are drawn.
    """
    from personify.avatar.experts import shared_detector

    for row in rows:
        image = _picture(folder, row)
        if image is None:
            yield Thumbnail(row, None, None, (px, px), "The picture is no longer there.")
            continue
        found = shared_detector().find(image) if row.found else None
        note = "" if found is not None or not row.found else "The detector finds no face in the compressed picture."
        height, width = image.shape[:2]
        size = (max(1, round(px * width / max(height, width))), max(1, round(px * height / max(height, width))))
        marked = None if found is None else _jpeg(with_landmarks(image, found), size, quality)
        yield Thumbnail(row, _jpeg(image, size, quality), marked, size, note)


def with_landmarks(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The picture enlarged to `DRAWN_PX` with every landmark as a dot and the contours as lines, uint8 RGB.

    `image`: uint8 RGB (H, W, 3); `landmarks`: (478, 2) or (478, 3) pixels in it.
    """
    import cv2

    scale = DRAWN_PX / max(image.shape[:2])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    canvas = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    points = np.round(np.asarray(landmarks, np.float64)[:, :2] * scale * 16).astype(np.int32)  # sixteenths of a pixel
    lines = [(points[list(numbers)], name in _CLOSED) for name, numbers in CONTOURS.items() if "iris" not in name]
    for colour, wide in ((HALO, 8), (LINE, 4)):
        for line, closed in lines:
            cv2.polylines(canvas, [line.reshape(-1, 1, 2)], closed, colour, wide, cv2.LINE_AA, 4)
    inner = np.setdiff1d(np.arange(len(points)), OVAL)
    for x, y in points[inner]:
        cv2.circle(canvas, (int(x), int(y)), 2 * 16, DOT, -1, cv2.LINE_AA, 4)
    return canvas


def _dealt(queues: Sequence[Sequence[Row]]) -> Iterator[Row]:
    """One of each queue in turn."""
    for at in range(max(map(len, queues), default=0)):
        yield from (queue[at] for queue in queues if at < len(queue))


def _new_first(rows: Iterable[Row]) -> list[Row]:
    """Descriptions that weren't there yet before those that were."""
    new: list[Row] = []
    again: list[Row] = []
    seen: set[str] = set()
    for row in rows:
        (again if row.prompt in seen else new).append(row)
        seen.add(row.prompt)
    return new + again


def _turned(items: Sequence[_Item], by: int) -> list[_Item]:
    return [*items[by:], *items[:by]]


def _evenly(rows: Sequence[Row]) -> list[Row]:
    """In an order of which every stretch is spread over the whole: by the multiples of the golden ratio, modulo 1."""
    places = np.arange(len(rows)) * 0.6180339887498949 % 1
    return [rows[at] for at in np.argsort(np.argsort(places, kind="stable"), kind="stable")]


def _picture(folder: Path, row: Row) -> np.ndarray | None:
    """uint8 RGB (H, W, 3), or None where the file isn't there any more."""
    from PIL import Image

    path = folder / row.picture
    if not row.picture or not path.is_file():
        return None
    if not path.resolve().is_relative_to(folder.resolve()):
        raise PersonifyError(f"{row.picture!r} lies outside the run's folder {folder}; the table was tampered with")
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, Image.DecompressionBombError) as error:
        raise PersonifyError(f"the picture {path} can't be read: {error}") from error


def _jpeg(image: np.ndarray, size: tuple[int, int], quality: int) -> bytes:
    from PIL import Image

    data = io.BytesIO()
    small = Image.fromarray(image).resize(size, Image.Resampling.LANCZOS)
    small.save(data, "JPEG", quality=quality, optimize=True)
    return data.getvalue()
