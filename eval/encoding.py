"""What encoder settings cost and keep: time, bytes and nearness to the frames, on talking heads that the sketch draws.

`python -m personify.eval.encoding` prints a line for each of `SETTINGS`, the one in use among them. Encoded with one
thread, 512 px, 25 frames a second; nearness is the luma's signal-to-noise ratio over the middle of the picture, where
the face is.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from personify.avatar.animation import animate
from personify.avatar.brief import AppearanceBrief
from personify.avatar.portraits import draw_portrait
from personify.avatar.video import CRF, X264
from personify.avatar.yuv import yuv420p

SETTINGS: Sequence[tuple[dict[str, str], int]] = (
    (X264, CRF),
    ({"preset": "superfast", "tune": "animation"}, 21),
    ({"preset": "veryfast", "tune": "animation", "x264-params": "mbtree=0"}, 19),
    ({"preset": "ultrafast", "tune": "animation"}, 21),
)
_HEADS = (("teapot", 3), ("owl", 5), ("robot", 7))
_SIZE, _FPS, _FRAMES, _ROUNDS = 512, 25, 200, 3
_FACE = slice(100, 412)


@dataclass(frozen=True)
class Encoded:
    """One setting's figures, the means over the heads."""

    ms: float
    """Processor time a frame."""
    kbit_s: float
    psnr_db: float
    worst_db: float
    """The fifth percentile over the frames."""


def encoded(options: dict[str, str], crf: int, heads: Sequence[Sequence[np.ndarray]]) -> Encoded:
    """The figures of one setting over the heads, each as its frames' planes (see `yuv420p`)."""
    ms, kbit_s, near = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        for planes in heads:
            took = min(_encode(path, options, crf, planes) for _ in range(_ROUNDS))
            ms.append(1000 * took / len(planes))
            kbit_s.append(path.stat().st_size * 8 / 1000 * _FPS / len(planes))
            near += _nearness(path, planes)
    return Encoded(float(np.mean(ms)), float(np.mean(kbit_s)), float(np.mean(near)), float(np.percentile(near, 5)))


def _encode(path: Path, options: dict[str, str], crf: int, planes: Sequence[np.ndarray]) -> float:
    """Seconds of the processor's time."""
    started = time.process_time()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_FPS, options=options | {"crf": str(crf)})
        stream.width = stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for index, plane in enumerate(planes):
            frame = av.VideoFrame.from_numpy_buffer(plane, format="yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return time.process_time() - started


def _nearness(path: Path, planes: Sequence[np.ndarray]) -> list[float]:
    """Each frame's peak signal-to-noise ratio over the face, dB."""
    ratios = []
    with av.open(str(path)) as container:
        for plane, frame in zip(planes, container.decode(video=0), strict=True):
            seen = frame.to_ndarray(format="yuv420p")[_FACE, _FACE]
            error = np.mean((plane[_FACE, _FACE].astype(np.float32) - seen) ** 2)
            ratios.append(float(10 * np.log10(255**2 / max(error, 1e-3))))
    return ratios


def _heads() -> list[list[np.ndarray]]:
    from personify.voices import load_tones, speak

    text = "Bob may buy five very big blue vases for my mother. The stars are late tonight, and I'm waiting for them."
    speech = speak(text, next(iter(load_tones().values())))
    heads = []
    for concept, seed in _HEADS:
        brief = AppearanceBrief(concept=concept, category="cartoon", archetype=concept)
        portrait = draw_portrait(brief, seed=seed, size=_SIZE)
        heads.append([yuv420p(frame) for frame in animate(portrait, speech, seed=1)][:_FRAMES])
    return heads


def main() -> None:
    """Prints the table."""
    heads = _heads()
    print(f"{'setting':<44} {'ms a frame':>10} {'kbit/s':>7} {'PSNR, dB':>9} {'5 % worst':>9}")  # noqa: T201 - the report
    for options, crf in SETTINGS:
        found = encoded(options, crf, heads)
        name = " ".join([options["preset"], options.get("x264-params", ""), f"crf {crf}"])
        figures = f"{found.ms:>10.2f} {found.kbit_s:>7.0f} {found.psnr_db:>9.1f} {found.worst_db:>9.1f}"
        print(f"{name:<44} {figures}")  # noqa: T201 - the report


if __name__ == "__main__":
    main()
