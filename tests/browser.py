"""A real Chromium for the tests of pages and scripts: Debian's, headless, drawing in software, driven by Playwright."""

import os
import shutil
from contextlib import contextmanager

import pytest

from personify.eval.web.chromium import FLAGS, NAMES
from personify.eval.web.chromium import chromium as launched

__all__ = ["FLAGS", "chromium", "faults_of", "program"]


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
    program()
    with launched(*flags) as browser:
        yield browser


def faults_of(page) -> list[str]:
    """A list that fills with the page's uncaught errors and what it logs as an error."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    return faults
