"""How many frames a second the browser's renderer draws without a GPU, and what a frame costs.

`python -m personify.eval.web.frames` draws a speaking teapot of 512 px, a sketch whose rig is like that of any
portrait, in headless Chromium with each way of drawing: one frame after the other, each read back so that it is done;
then once for each of the browser's own frames, as the live avatar does. The first line is the way that the renderer
chooses by itself.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from personify.eval.web.chromium import chromium, open_scripts
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    pass

CONCEPT = "teapot"
SAID = "The stars are late tonight. Well, what do you want from me now?"
TARGET_FPS = 30.0
WAYS: dict[str, dict[str, object]] = {
    "chosen by itself": {},
    "canvas 2D": {"prefer": "canvas2d"},
    "WebGL, emulated": {"prefer": "webgl", "emulated": True},
}
"""What is measured: options of `createRenderer`."""
_DRAWING = """async ([rig, track, options, seconds]) => {
  const { readRig } = await import("/personify/live/rig.js");
  const { createRenderer, loadPictures } = await import("/personify/live/renderer.js");
  const rows = track.values.map((row) => Object.fromEntries(row.map((value, i) => [track.channels[i], value])));
  const canvas = document.createElement("canvas");
  document.body.replaceChildren(canvas);
  let at = performance.now();
  const read = readRig(rig);
  const renderer = createRenderer(canvas, read, await loadPictures(read), options);
  renderer.draw({});
  const start_ms = performance.now() - at;
  const pixels = canvas.getContext("2d");
  const costs = [];
  for (let i = 0, end = performance.now() + 1000 * seconds; performance.now() < end; i++) {
    at = performance.now();
    renderer.draw(rows[i % rows.length]);
    pixels.getImageData(0, 0, 1, 1);
    costs.push(performance.now() - at);
  }
  const frame = () => new Promise(requestAnimationFrame);
  for (let i = 0; i < 3; i++) await frame(); // what the browser still had to do
  const started = performance.now();
  let frames = 0;
  for (; performance.now() < started + 1000 * seconds; frames++) {
    await frame();
    renderer.draw(rows[frames % rows.length]);
  }
  const fps = (1000 * frames) / (performance.now() - started);
  const { kind } = renderer;
  renderer.dispose();
  costs.sort((one, other) => one - other);
  const [ms, worst_ms] = [0.5, 0.95].map((share) => costs[Math.floor(share * (costs.length - 1))]);
  return { kind, start_ms, ms, worst_ms, fps };
}"""


@dataclass(frozen=True)
class Drawn:
    """One way's figures."""

    way: str
    kind: str
    """What drew: "webgl" or "canvas2d"."""
    start_ms: float
    """From the rig's text to its first frame."""
    ms: float
    """A frame, the median."""
    worst_ms: float
    """A frame, the 95th percentile."""
    fps: float
    """Frames a second, at the browser's own pace, which is 60 at most."""


def measure(seconds: float = 5.0, size: int = 512) -> Iterator[Drawn]:
    """The figures of each of `WAYS`; every one takes twice as many seconds."""
    rig, track = _speaking(size)
    with chromium() as browser:
        for way, options in WAYS.items():
            page = browser.new_page()
            open_scripts(page)
            found = page.evaluate(_DRAWING, [rig, track, options, seconds])
            page.close()
            yield Drawn(way, **found)


def _speaking(size: int) -> tuple[str, dict[str, object]]:
    """A rig with its pictures, as text, and the track of a speech."""
    from personify.avatar.brief import AppearanceBrief
    from personify.avatar.motion import motion_track
    from personify.avatar.portraits import draw_portrait
    from personify.avatar.rig_export import export_rig, export_track
    from personify.avatar.visemes import viseme_track
    from personify.voices import load_tones, speak

    speech = speak(SAID, next(iter(load_tones().values())))
    brief = AppearanceBrief(concept=CONCEPT, category="things", archetype=CONCEPT)
    portrait = draw_portrait(brief, seed=7, size=size)
    track = export_track(viseme_track(speech), motion_track(speech, seed=7))
    return export_rig(portrait).model_dump_json(), track.model_dump(mode="json")


def main() -> None:
    """Prints the table, or JSON."""
    parser = argparse.ArgumentParser(description="Frames a second of the browser's renderer, without a GPU.")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each figure is measured")
    parser.add_argument("--size", type=int, default=512, help="of the portrait, px")
    told = parser.parse_args()
    try:
        found = list(measure(told.seconds, told.size))
    except PersonifyError as error:
        sys.exit(str(error))
    if told.json:
        print(json.dumps({"target_fps": TARGET_FPS, "drawn": [asdict(one) for one in found]}))  # noqa: T201 - the report
        return
    print(f"{'way':<18} {'kind':<9} {'start, ms':>9} {'frame, ms':>9} {'95 %':>6} {'fps':>6}   target {TARGET_FPS:g}")  # noqa: T201 - the report
    for one in found:
        figures = f"{one.start_ms:>9.0f} {one.ms:>9.1f} {one.worst_ms:>6.1f} {one.fps:>6.1f}"
        print(f"{one.way:<18} {one.kind:<9} {figures}")  # noqa: T201 - the report


if __name__ == "__main__":
    main()
