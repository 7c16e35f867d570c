"""The web app as Gradio sees it: one HTML component that shows the scene, and the events that its script triggers.

What a page asks for is checked here; the work itself is done by `making.py`.
"""

import tomllib
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.utils import get_upload_folder

from personify.pipelines.model_settings import find_model
from personify.ui.web import making
from personify.ui.web.asked import Named, Revised, Sent, Wished, read, uploaded
from personify.ui.web.endpoints import add_endpoints
from personify.ui.web.scenes import Scene, flat
from personify.ui.web.showing import Job, Page
from personify.ui.web.theme import look
from personify.voices.errors import BadInput, PersonifyError

if TYPE_CHECKING:
    from personify.ui.web.context import Context

__all__ = ["build_blocks", "look"]

EVENTS = ("create", "stop", "open", "read", "remove", "revise", "home", "film", "export")
SCRIPT = f"""
const events = {[*EVENTS]!r};
import('/personify/live/main.js').then((page) => page.mount(element, props, watch, trigger, upload));
"""
"""Gradio looks for an event's name in it."""
TEMPLATE = '<p class="personify-wait">Personify needs JavaScript.</p>'


def build_blocks(context: "Context") -> gr.Blocks:
    """The app; mount it with what `look()` says."""
    with gr.Blocks(title="Personify", fill_width=True) as blocks:
        live = gr.HTML(
            None, html_template=TEMPLATE, js_on_load=SCRIPT, elem_id="personify", apply_default_css=False,
            choices=flat(choices(context)),
        )  # fmt: skip
        _Events(context).listen(blocks, live)
        add_endpoints(context)
    return blocks


def choices(context: "Context") -> dict[str, Any]:
    """What the page offers; the same for everybody, told once with the page."""
    settings = context.settings
    model = find_model(settings.llm)
    limits = settings.limits
    return {
        "examples": examples(),
        "tones": [
            {"name": tone.name, "title": _title(tone.title), "about": tone.description, "group": _group(tone)}
            for tone in context.studio.tones()
        ],
        "experts": [{"name": card.name, "title": card.title} for card in context.studio.experts() if card.here],
        "engine": {"name": "builtin" if model is None else model.server.model, "is_language_model": model is not None},
        "own_model": not settings.is_public,
        "login": settings.login is not None,
        "description_chars": limits.description_chars,
        "said_chars": limits.said_chars,
        "picture_mb": limits.picture_mb,
        "bundle_mb": limits.bundle_mb,
    }


def examples() -> list[str]:
    """Descriptions to click."""
    text = (files("personify.ui.web") / "examples.toml").read_text(encoding="utf-8")
    found: list[str] = tomllib.loads(text)["examples"]
    return found


class _Events:
    """What the page's script may ask for. Gradio finds the arguments by their types."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._uploads = Path(get_upload_folder())  # as it is now: Gradio goes on using it
        self._titles = {tone.name: _title(tone.title) for tone in context.studio.tones()}
        self._titles |= {card.name: card.title for card in context.studio.experts()}

    def listen(self, blocks: gr.Blocks, live: gr.HTML) -> None:
        """Binds every event; none of them is part of the API."""
        how: dict[str, Any] = {
            "outputs": live, "show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None,
            "trigger_mode": "multiple",
        }  # fmt: skip
        blocks.load(self.load, **how)
        blocks.unload(self.unload)
        begun = [getattr(live, name)(getattr(self, name), **how) for name in ("create", "open", "read", "revise")]
        live.stop(self.stop, cancels=begun, **how)
        for name in ("home", "remove", "film", "export"):
            getattr(live, name)(getattr(self, name), **how)

    def load(self, request: gr.Request) -> dict[str, str]:
        """A page was opened: its session begins."""
        try:
            page = self._page(request)
        except PersonifyError as error:
            return flat(Scene("", trouble=str(error)).told())
        return flat(page.home().told())

    def unload(self, request: gr.Request) -> None:
        """A page was left: its session ends, with all that is done for it."""
        session = self._context.find_session(request)
        if session is not None:
            self._context.sessions.close(session.token)

    async def create(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, str]]:
        """Makes a character of a description."""
        page = self._page(request)

        def begin() -> Job:
            wished = read(Wished, event._data)
            self._short_enough(wished.description)
            if wished.llm is not None and self._context.settings.is_public:
                raise BadInput("the language model is the server's own here; leave that field empty")
            picture = None if wished.picture is None else self._uploaded(wished.picture, "picture_mb")
            page.session.allow("make")
            return page.begin(making.make(wished, picture), step="making", description=wished.description)

        async for scene in _told(page, begin):
            yield scene

    async def open(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, str]]:
        """Opens a character from the shelf."""
        page = self._page(request)
        async for scene in _told(page, lambda: page.begin(making.meet_again(read(Named, event._data)))):
            yield scene

    async def read(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, str]]:
        """Opens a character from a file that was sent."""
        page = self._page(request)

        def begin() -> Job:
            sent = read(Sent, event._data)
            path = self._uploaded(sent.path, "bundle_mb")
            page.session.allow("make")
            return page.begin(making.read_file(path, sent.sound))

        async for scene in _told(page, begin):
            yield scene

    async def revise(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, str]]:
        """Makes one thing of the character anew."""
        page = self._page(request)

        def begin() -> Job:
            revised = read(Revised, event._data)
            page.session.allow("make")
            return page.begin(making.revise(revised))

        async for scene in _told(page, begin):
            yield scene

    def stop(self, request: gr.Request) -> dict[str, str]:
        """Stops what is being made."""
        return flat(self._page(request).stop().told())

    def home(self, request: gr.Request) -> dict[str, str]:
        """Back to the first step."""
        return flat(self._page(request).home().told())

    def remove(self, event: gr.EventData, request: gr.Request) -> dict[str, str]:
        """Takes a character off the shelf, for good."""
        page = self._page(request)
        try:
            self._context.shelf(page.session).remove(read(Named, event._data).key)
        except PersonifyError as error:
            return flat(page.change(trouble=str(error), shelf=page.shelf()).told())
        return flat(page.change(trouble=None, shelf=page.shelf()).told())

    def film(self, request: gr.Request) -> dict[str, str]:
        """A clip of the last reply, to take along."""
        return self._offer(request, making.film)

    def export(self, request: gr.Request) -> dict[str, str]:
        """The character as one page of its own, to take along."""
        return self._offer(request, making.export)

    def _offer(self, request: gr.Request, make: Any) -> dict[str, str]:
        page = self._page(request)
        try:
            page.session.allow("make")
            return flat(page.offer(make(page)).told())
        except PersonifyError as error:
            return flat(page.change(trouble=str(error)).told())

    def _page(self, request: gr.Request) -> Page:
        session = self._context.session(request)
        if session.page is None:
            session.page = Page(self._context, session, self._titles)
        page: Page = session.page
        return page

    def _uploaded(self, told: str, limit: str) -> Path:
        return uploaded(told, self._uploads, getattr(self._context.settings.limits, limit))

    def _short_enough(self, description: str) -> None:
        most = self._context.settings.limits.description_chars
        if len(description) > most:
            raise BadInput(f"that has {len(description)} characters; {most} are the most, so say it shorter")


async def _told(page: Page, begin: Callable[[], Job]) -> AsyncIterator[dict[str, str]]:
    """The scenes of the work that `begin` starts; or what is wrong with what was asked for."""
    try:
        job = begin()
    except PersonifyError as error:
        yield flat(page.change(trouble=str(error)).told())
        return
    async for scene in page.follow(job):
        yield flat(scene)


def _title(title: str) -> str:
    """A tone's name as a choice: "The old sailor" is found under O."""
    bare = title.removeprefix("The ").removeprefix("the ")
    return bare[:1].upper() + bare[1:]


def _group(tone: Any) -> str:
    if tone.special:
        return "Beings and machines"
    if tone.age == "child":
        return "Children"
    return {"feminine": "Women", "masculine": "Men", "neutral": "Neither"}[tone.gender]
