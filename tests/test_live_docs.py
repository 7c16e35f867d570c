"""The examples of docs/live.md, word for word: a page of one's own with a character that speaks."""

import re
import shutil
from pathlib import Path

import pytest
from live_pages import blank_page, serving

from personify.pipelines.bundle import open_avatar

TEXT = Path(__file__).parent.parent.joinpath("docs", "live.md").read_text("utf-8")
FOLDER = Path("avatars/a-grumpy-teapot-who-loves-astronomy")


def example(kind: str, has: str) -> str:
    """The one example of that language with these words in it."""
    (found,) = (text for text in re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL) if has in text)
    return found


@pytest.fixture
def here(teapot, tmp_path, monkeypatch):
    """A folder to work in, with the avatar that the README makes."""
    shutil.copytree(teapot.folder, tmp_path / FOLDER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_that_python_writes_has_the_greeting_and_the_text(here):
    made: dict[str, object] = {}
    exec(example("python", "page_html("), made)
    assert open_avatar(FOLDER).persona.speaking.greeting in made["html"]
    assert "The stars are late tonight." in made["html"]


def test_a_site_of_ones_own_speaks(here, browser):
    exec(example("python", "site/teapot.json"), {})
    (here / "site/index.html").write_text(example("html", "LiveAvatar.load"))
    with serving() as pages, blank_page(browser, pages) as page:
        pages.folders |= {"/site/": here / "site", "/site/live/": here / "site/live"}
        pages.put("/favicon.ico", b"", "image/png")  # which a browser asks for unasked
        page.goto(f"{pages.url}/site/index.html")
        page.wait_for_function("document.getElementById('teapot').width === 512")
        page.get_by_role("button", name="Talk").click()
        page.wait_for_function("document.getElementById('caption').textContent === 'The stars are late tonight.'")
        assert page.faults == []
