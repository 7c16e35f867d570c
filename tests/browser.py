"""A real Chromium for the tests of pages and scripts: Debian's, headless, drawing in software, driven by Playwright."""

import os
import shutil
from contextlib import contextmanager

import pytest

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-unsafe-swiftshader",  # WebGL without a GPU
    "--autoplay-policy=no-user-gesture-required",
]
"""Besides those, `flags` of `chromium` go to the program."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str:
    """The browser's path. Where there is none the test is skipped, but never in CI, which installs it."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        why = "no Chromium on the PATH; Debian's package is called chromium"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    return found


@contextmanager
def chromium(*flags: str):
    """A browser of one's own, for who needs other flags than the shared one; a Playwright `Browser`."""
    from playwright.sync_api import sync_playwright

    path = program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=False, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


def faults_of(page) -> list[str]:
    """A list that fills with the page's uncaught errors and what it logs as an error."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    return faults
