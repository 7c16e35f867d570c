"""A Chromium for what is measured in a browser: headless, drawing in software, driven by Playwright (`[dev]`)."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING

from personify.voices.errors import MissingExtra, PersonifyError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # also as root, in a container
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-unsafe-swiftshader",  # WebGL without a GPU
    "--autoplay-policy=no-user-gesture-required",
)
_HOST = "http://scripts.invalid"
"""Answered by the browser itself: no server is asked."""


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


def open_scripts(page: "Page") -> None:
    """Takes the page to an address where it finds the live scripts, without a server."""
    live = files("personify.ui").joinpath("live")

    def answer(route: "Route") -> None:
        name = route.request.url.removeprefix(f"{_HOST}/personify/live/")
        if name == f"{_HOST}/":
            route.fulfill(content_type="text/html", body="<!doctype html><title>Scripts</title>")
        else:
            route.fulfill(content_type="text/javascript", body=live.joinpath(name).read_text(encoding="utf-8"))

    page.route(f"{_HOST}/**", answer)
    page.goto(f"{_HOST}/")
