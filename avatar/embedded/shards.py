"""Shards: the drawings that the embedded experts learn from, kept on disk as JPEGs with their captions and landmarks.

A shard is a tar file of consecutive seeds, written under a temporary name and renamed, so that work that was
stopped goes on with the next one. Two processes at once only waste effort; they can't spoil a shard.
"""

import io
import json
import os
import tarfile
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from personify.voices.errors import PersonifyError

SHARD = 64
SIZE_PX = 512
_QUALITY = 95
_MARKS_PER_PX = 8
"""Landmarks are kept to an eighth of a pixel."""


@dataclass(frozen=True)
class Note:
    """What is known of one kept drawing; see `drawings.Drawn`. `seed` is what it was drawn from."""

    seed: int
    caption: str
    style: str
    archetype: str
    kind: str
    landmarks: np.ndarray | None


def make_shards(folder: Path, *, count: int, deadline: float, workers: int, each: int = SHARD) -> int:
    """Draws until there are shards of `each` seeds for `count` seeds or the clock (`time.monotonic`) passes
    `deadline`; how many shards there are then."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = iter([n for n in range(-(-count // each)) if not _path(folder, n).exists()])
    fresh = get_context("spawn")  # a fork of a process in which torch runs threads waits for them for ever
    with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
        running: set[Future[None]] = set()
        while True:
            while len(running) < workers and time.monotonic() < deadline:
                number = next(missing, None)
                if number is None:
                    break
                running.add(pool.submit(_make_shard, folder, number, each))
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
    return len(list_shards(folder))


def list_shards(folder: Path) -> list[Path]:
    """The finished shards, by number."""
    return sorted(folder.glob("shard-*.tar"))


class Library:
    """The drawings of all finished shards, any of them at once; those held out are left out unless only they are
    wanted."""

    def __init__(self, folder: Path, *, held_out: bool = False) -> None:
        from personify.avatar.embedded import drawings

        self.notes: list[Note] = []
        self.spans: list[tuple[Path, range]] = []
        """Each shard with the numbers of its drawings."""
        self._places: list[tuple[Path, dict[str, tuple[int, int]]]] = []
        for path in list_shards(folder):
            with tarfile.open(path) as tar:
                places = {member.name: (member.offset_data, member.size) for member in tar.getmembers()}
            first = len(self.notes)
            for note in json.loads(_read(path, *places["notes.json"])):
                if drawings.held_out(note["seed"]) == held_out:
                    marks = note.pop("landmarks")
                    known = None if marks is None else np.array(marks, np.float32) / _MARKS_PER_PX
                    self.notes.append(Note(landmarks=known, **note))
                    self._places.append((path, places))
            self.spans.append((path, range(first, len(self.notes))))
        if not self.notes:
            raise PersonifyError(f"there are no drawings in {folder}; make some with `--stage data` first")

    @classmethod
    def to_show(cls, folder: Path) -> "Library":
        """The drawings for sample sheets: those held out, or, where there are none yet, all."""
        try:
            return cls(folder, held_out=True)
        except PersonifyError:
            return cls(folder)

    def __len__(self) -> int:
        return len(self.notes)

    def picture(self, index: int, which: str) -> np.ndarray:
        """One picture, uint8 RGB (512, 512, 3); `which` is "rich" or "plain"."""
        import cv2

        path, places = self._places[index]
        data = _read(path, *places[f"{self.notes[index].seed}.{which}.jpg"])
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(found[:, :, ::-1])


def _path(folder: Path, number: int) -> Path:
    return folder / f"shard-{number:05d}.tar"


def _make_shard(folder: Path, number: int, each: int) -> None:
    import cv2

    from personify.avatar.embedded.drawings import draw_rich

    cv2.setNumThreads(1)  # each process has a core of its own
    notes = []
    draft = folder / f"draft-{number:05d}-{os.getpid()}"
    try:
        with tarfile.open(draft, "w") as tar:
            for seed in range(number * each, (number + 1) * each):
                drawn = draw_rich(seed, size=SIZE_PX)
                _add(tar, f"{seed}.rich.jpg", _jpeg(drawn.image))
                _add(tar, f"{seed}.plain.jpg", _jpeg(drawn.plain))
                marks = (
                    None if drawn.landmarks is None else np.round(drawn.landmarks * _MARKS_PER_PX).astype(int).tolist()
                )
                notes.append(
                    {
                        "seed": seed, "caption": drawn.caption, "style": drawn.style, "archetype": drawn.archetype,
                        "kind": drawn.kind, "landmarks": marks,
                    }
                )  # fmt: skip
            _add(tar, "notes.json", json.dumps(notes).encode())
        draft.replace(_path(folder, number))
    finally:
        draft.unlink(missing_ok=True)


def _jpeg(image: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _read(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
