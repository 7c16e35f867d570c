"""The README's pictures of the web app: `python -m personify.eval.web.screens` walks through it in a real Chromium.

One character is made from a line of text, with a seed, and talked with; each picture is what a visitor sees then.
"""

import argparse
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from personify.eval.web.chromium import chromium
from personify.eval.web.process import AppProcess

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DESCRIPTION, SEED = "a wise owl professor", 11
BEFORE = (("a grumpy teapot who loves astronomy", 7), ("a cheerful pineapple who runs a beach bar", 4))
"""Who stands on the shelf already."""
QUESTION, ANOTHER = "Good evening! Who are you?", "What do you like most?"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
_WEBP_QUALITY = 86
_PATIENCE_MS = 120_000
_SPEAKING = "document.querySelector('.frame').dataset.state === 'speaking'"
_DRAWN = "document.querySelector('.hero img.layer:not([hidden])') !== null"


def main() -> None:
    """Takes all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PICTURES, help="the folder that they go into")
    out: Path = parser.parse_args().out
    with AppProcess() as app, chromium() as browser:
        with _page(browser, app.url, DESK) as page:
            for description, seed in BEFORE:
                _make(page, description, seed)
                page.get_by_role("button", name="Someone new").click()
            page.locator(".card img").last.wait_for()
            page.get_by_label("Who would you like to meet?").fill(DESCRIPTION)
            _keep(page, out / "web-describe.webp")
            _create(page, DESCRIPTION, SEED)
            page.locator(".tell.persona .by").wait_for()
            page.wait_for_function(_DRAWN)
            page.wait_for_timeout(300)  # the cards have come in, and the sketch is still to be seen
            _keep(page, out / "web-making.webp")
            page.locator(".chat h2").wait_for()
            _talk(page)
            _keep(page, out / "web-talk.webp")
        with _page(browser, app.url, DESK, color_scheme="dark") as page:
            _meet(page, DESCRIPTION)
            page.get_by_role("button", name="Show the landmarks").click()
            _talk(page)
            _keep(page, out / "web-dark.webp")
        with _page(browser, app.url, PHONE, device_scale_factor=1.5, is_mobile=True, has_touch=True) as page:
            _meet(page, DESCRIPTION)
            _talk(page)
            _keep(page, out / "web-phone.webp")


@contextmanager
def _page(browser: Any, url: str, viewport: dict[str, int], **how: Any) -> Iterator[Any]:
    context = browser.new_context(viewport=viewport, **how)
    context.set_default_timeout(_PATIENCE_MS)
    try:
        page = context.new_page()
        page.goto(url)
        page.locator(".describe h1").wait_for()
        yield page
    finally:
        context.close()


def _create(page: Any, description: str, seed: int) -> None:
    if not page.get_by_label("Seed").is_visible():
        page.get_by_text("Settings", exact=True).click()
    page.get_by_label("Seed").fill(str(seed))
    page.get_by_label("Who would you like to meet?").fill(description)
    page.get_by_text("Settings", exact=True).click()
    page.get_by_role("button", name="Create").click()


def _make(page: Any, description: str, seed: int) -> None:
    _create(page, description, seed)
    page.locator(".chat h2").wait_for()


def _meet(page: Any, description: str) -> None:
    page.locator(".card .open").filter(has_text=description).click()
    page.locator(".stage-canvas canvas").wait_for()


def _talk(page: Any) -> None:
    """Its hello and two questions; stops in the middle of the second answer, its first words said."""
    page.wait_for_function(_SPEAKING)
    page.wait_for_function(f"!({_SPEAKING})")
    for count, question in enumerate((QUESTION, ANOTHER), 1):
        page.get_by_label("What you say").fill(question)
        page.keyboard.press("Enter")
        page.wait_for_function(f"document.querySelectorAll('.line.you').length === {count}")
        page.wait_for_function("!document.querySelector('.line.waiting')")
        page.wait_for_function(_SPEAKING)
        if count == 1:
            page.wait_for_function(f"!({_SPEAKING})")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.wait_for_timeout(600)  # the mouth is open


def _keep(page: Any, path: Path) -> None:
    from PIL import Image

    page.evaluate("scrollTo(0, 0)")
    shot = Image.open(io.BytesIO(page.screenshot()))
    shot.convert("RGB").save(path, "WEBP", quality=_WEBP_QUALITY, method=6)
    print(f"{path} {path.stat().st_size / 1000:.0f} kB")  # noqa: T201 - an entry point


if __name__ == "__main__":
    main()
