"""The README's picture of a batch: `python -m personify.eval.batch.picture` makes one and looks at its gallery.

Eighteen townspeople are made by the command line, and their page is opened from the disk in a real Chromium: the wall
as it is, and beside it in dark colours the card of somebody who speaks.
"""

import argparse
import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from personify.eval.batch.planning import mixed
from personify.eval.web.chromium import chromium

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
ROWS, SEED = 18, 7
OPENED = 1
"""Whose card is opened, counted from the first."""
_PAGE = {"width": 1200, "height": 788}
_SCALE = 1
_SAID_S = 1.5
"""So much of the greeting has been said: the mouth moves, and the bar shows that it is a clip."""
_QUALITY = 86


def main() -> None:
    """Takes it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PICTURES / "batch.webp")
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory(prefix="personify-picture-") as folder:
        rows, batch = Path(folder) / "townspeople.txt", Path(folder) / "townspeople"
        rows.write_text("\n".join(mixed(ROWS)) + "\n", "utf-8")
        command = [
            sys.executable, "-m", "personify.ui.cli", "batch", str(rows), "--out", str(batch), "--seed", str(SEED),
        ]  # fmt: skip
        subprocess.run(command, check=True)
        with chromium() as browser:
            address = (batch / "index.html").as_uri()
            _save([_shot(browser, address, dark=False), _shot(browser, address, dark=True)], out)
    print(f"{out} {out.stat().st_size / 1000:.0f} kB")  # noqa: T201 - an entry point


def _shot(browser: Any, address: str, *, dark: bool) -> bytes:
    """The wall, or in the dark a card before it."""
    page = browser.new_page(
        viewport=_PAGE,
        device_scale_factor=_SCALE,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        bypass_csp=True,  # the page allows no evaluating, by which Playwright waits
    )
    try:
        page.goto(address)
        page.wait_for_function("[...document.querySelectorAll('#wall img')].slice(0, 6).every((face) => face.complete)")
        if dark:
            page.locator("#wall .tile").nth(OPENED).click()
            page.locator("#card[open]").wait_for()
            page.evaluate("document.getElementById('clip').play()")
            page.wait_for_function(f"document.getElementById('clip').currentTime > {_SAID_S}")
        return page.screenshot()
    finally:
        page.close()


def _save(shots: list[bytes], out: Path) -> None:
    from PIL import Image

    pictures = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    beside = Image.new("RGB", (sum(each.width for each in pictures), pictures[0].height))
    for place, each in enumerate(pictures):
        beside.paste(each, (place * pictures[0].width, 0))
    beside.save(out, "WEBP", quality=_QUALITY, method=6)


if __name__ == "__main__":
    main()
