"""The whole web app on a free port, and what a person does with its page, for the tests in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browser import faults_of

PATIENCE_MS = 60_000
"""How long a page may take; tests wait for what they want to see, so that only what fails takes so long."""


@contextmanager
def web_app(shelf: Path, studio: Any, **told: Any) -> Iterator[Any]:
    """The app, running in a thread of its own: `.url`, `.context`. What is `told` are its settings."""
    from personify.ui.web.serving import Running
    from personify.ui.web.settings import read_settings

    settings = read_settings(**({"port": 0, "shelf": str(shelf), "llm": "builtin", "memory": False} | told))
    with Running(settings, studio=studio) as app:
        yield app


@dataclass
class Visit:
    """One person at the page, in a browser context of their own; `faults` are the page's errors so far."""

    page: Any
    url: str
    faults: list[str] = field(default_factory=list)

    def see(self, selector: str, text: str | None = None) -> Any:
        """Waits until it is to be seen, with that text in it."""
        found = self.page.locator(selector) if text is None else self.page.locator(selector).filter(has_text=text)
        seen = found.locator("visible=true").first
        seen.wait_for(state="visible", timeout=PATIENCE_MS)
        return seen

    def until(self, script: str) -> None:
        """Waits until the page's script says so."""
        self.page.wait_for_function(script, timeout=PATIENCE_MS)

    def come(self) -> None:
        """Opens the page, or loads it again."""
        self.page.goto(self.url)
        self.see(".describe h1")

    def describe(self, text: str, *, expert: str | None = "sketch") -> None:
        """Types who it shall be, and asks for it; the sketch is drawn at once."""
        self.page.get_by_label("Who would you like to meet?").fill(text)
        if expert is not None:
            if not self.page.get_by_label("Style of the picture").is_visible():
                self.page.get_by_text("Settings", exact=True).click()
            self.page.get_by_label("Style of the picture").select_option(expert)
        self.page.get_by_role("button", name="Create").click()

    def meet(self, name: str) -> None:
        """Opens somebody from the shelf."""
        self.page.locator(".card .open").filter(has_text=name).click()
        self.see(".chat h2", name)
        self.see(".stage-canvas canvas")

    def say(self, text: str) -> None:
        """Types something, and sends it."""
        self.page.get_by_label("What you say").fill(text)
        self.page.keyboard.press("Enter")

    @property
    def lines(self) -> list[str]:
        """What was said on both sides."""
        return self.page.locator(".log .line .words").all_inner_texts()

    @property
    def state(self) -> str:
        """What the character does."""
        return self.page.locator(".frame").get_attribute("data-state") or ""


@contextmanager
def visit(browser: Any, url: str, **how: Any) -> Iterator[Visit]:
    """Somebody opens the page; `how` is how their browser is (viewport, colour scheme, ...)."""
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | how))
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    guest = Visit(page, url, faults_of(page))
    try:
        guest.come()
        yield guest
    finally:
        context.close()
