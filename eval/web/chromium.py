"""A Chromium for what is measured in a browser: headless, drawing in software, driven by Playwright (`[dev]`)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from personify.voices.errors import MissingExtra, PersonifyError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # also as root, in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-unsafe-swiftshader",  # WebGL without a GPU
    "--autoplay-policy=no-user-gesture-required",
)


@contextmanager
def chromium(*flags: str) -> Iterator["Browser"]:
    """A browser while the block runs; `flags` go to the program besides `FLAGS`.

    Raises `MissingExtra` without Playwright, and `PersonifyError` where no Chromium is on the PATH.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise MissingExtra(
            "measuring in a browser needs Playwright; install it with: pip install 'personify[dev]'"
        ) from error
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise PersonifyError("no Chromium is on the PATH; Debian's package is called chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=False, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()
