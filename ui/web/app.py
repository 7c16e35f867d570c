"""The web app as Gradio sees it: one HTML component that shows the scene, and the events that its script triggers.

What a page asks for is checked here; the work itself is done by `making.py`.
"""

import logging
import re
import tomllib
import weakref
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import gradio as gr
from pydantic import BaseModel, ValidationError

from personify.pipelines.model_settings import find_model
from personify.ui.web import making
from personify.ui.web.endpoints import add_endpoints
from personify.ui.web.making import Page, Revised, Wished
from personify.ui.web.scenes import Scene
from personify.ui.web.theme import look
from personify.ui.web.wire import Sound
from personify.voices.errors import BadInput, PersonifyError

if TYPE_CHECKING:
    from personify.ui.web.context import Context
    from personify.ui.web.sessions import Session

__all__ = ["build_blocks", "look"]

_LOG = logging.getLogger(__name__)
EVENTS = ("create", "stop", "open", "read", "remove", "revise", "home", "film", "export")
SCRIPT = f"""
const events = {[*EVENTS]!r};
import('/personify/live/main.js').then((page) => page.mount(element, props, watch, trigger, upload));
"""
"""Gradio looks for an event's name in it."""
TEMPLATE = '<p class="personify-wait">Personify needs JavaScript.</p>'
_UPLOADED = re.compile(r"[0-9a-f]{64}")
"""The folder that Gradio puts an upload into is called after what is in it."""

Told = TypeVar("Told", bound=BaseModel)


class _Named(BaseModel):
    key: str
    back: bool = False
    sound: Sound = "wav"


class _Uploaded(BaseModel):
    path: str
    sound: Sound = "wav"


def build_blocks(context: "Context") -> gr.Blocks:
    """The app; mount it with what `look()` says."""
    with gr.Blocks(title="Personify", fill_width=True) as blocks:
        live = gr.HTML(
            None, html_template=TEMPLATE, js_on_load=SCRIPT, elem_id="personify", apply_default_css=False,
            choices=choices(context),
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
        "engine": {"name": "built-in rules" if model is None else model.name, "is_language_model": model is not None},
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
        self._pages: weakref.WeakKeyDictionary[Session, Page] = weakref.WeakKeyDictionary()
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

    def load(self, request: gr.Request) -> dict[str, Any]:
        """A page was opened: its session begins."""
        try:
            page = self._page(request)
        except PersonifyError as error:
            return Scene("", trouble=str(error)).told()
        return page.home().told()

    def unload(self, request: gr.Request) -> None:
        """A page was left: its session ends, with all that is done for it."""
        session = self._context.find_session(request)
        if session is not None:
            self._context.sessions.close(session.token)

    async def create(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, Any]]:
        """Makes a character of a description."""
        page = self._page(request)
        told = event._data if isinstance(event._data, dict) else {}
        try:
            wished = read(Wished, told)
            self._short_enough(wished.description)
            picture = None if wished.picture is None else self._uploaded(wished.picture, "picture_mb")
            page.session.allow("make")
        except PersonifyError as error:
            yield page.change(trouble=str(error), description=str(told.get("description", ""))[:4000]).told()
            return
        job = page.begin(making.make(wished, picture), step="making", description=wished.description)
        async for scene in page.follow(job):
            yield scene

    async def open(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, Any]]:
        """Opens a character from the shelf."""
        page = self._page(request)
        try:
            named = read(_Named, event._data)
        except PersonifyError as error:
            yield page.change(trouble=str(error)).told()
            return
        job = page.begin(making.open_(named.key, back=named.back, sound=named.sound))
        async for scene in page.follow(job):
            yield scene

    async def read(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, Any]]:
        """Opens a character from a file that was sent."""
        page = self._page(request)
        try:
            sent = read(_Uploaded, event._data)
            path = self._uploaded(sent.path, "bundle_mb")
            page.session.allow("make")
        except PersonifyError as error:
            yield page.change(trouble=str(error)).told()
            return
        job = page.begin(making.read_file(path, sound=sent.sound))
        async for scene in page.follow(job):
            yield scene

    async def revise(self, event: gr.EventData, request: gr.Request) -> AsyncIterator[dict[str, Any]]:
        """Makes one thing of the character anew."""
        page = self._page(request)
        try:
            revised = read(Revised, event._data)
            page.session.allow("make")
        except PersonifyError as error:
            yield page.change(trouble=str(error)).told()
            return
        job = page.begin(making.revise(revised))
        async for scene in page.follow(job):
            yield scene

    def stop(self, request: gr.Request) -> dict[str, Any]:
        """Stops what is being made."""
        return self._page(request).stop().told()

    def home(self, request: gr.Request) -> dict[str, Any]:
        """Back to the first step."""
        return self._page(request).home().told()

    def remove(self, event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        """Takes a character off the shelf, for good."""
        page = self._page(request)
        try:
            self._context.shelf(page.session).remove(read(_Named, event._data).key)
        except PersonifyError as error:
            return page.change(trouble=str(error), shelf=page.shelf()).told()
        return page.change(trouble=None, shelf=page.shelf()).told()

    def film(self, request: gr.Request) -> dict[str, Any]:
        """A clip of the last reply, to take along."""
        return self._offer(request, making.film)

    def export(self, request: gr.Request) -> dict[str, Any]:
        """The character as one page of its own, to take along."""
        return self._offer(request, making.export)

    def _offer(self, request: gr.Request, make: Any) -> dict[str, Any]:
        page = self._page(request)
        try:
            page.session.allow("make")
            return page.offer(make(page)).told()
        except PersonifyError as error:
            return page.change(trouble=str(error)).told()

    def _page(self, request: gr.Request) -> Page:
        session = self._context.session(request)
        page = self._pages.get(session)
        if page is None:
            page = self._pages[session] = Page(self._context, session, self._titles)
        return page

    def _short_enough(self, description: str) -> None:
        most = self._context.settings.limits.description_chars
        if len(description) > most:
            raise BadInput(f"that has {len(description)} characters; {most} are the most, so say it shorter")

    def _uploaded(self, told: str, limit: str) -> Path:
        """The file that the page has sent, if it is one: a page names it, so it is looked at closely."""
        from gradio.utils import get_upload_folder

        path = Path(told)
        try:
            ours = path.parent.parent.resolve() == Path(get_upload_folder()).resolve()
            there = ours and _UPLOADED.fullmatch(path.parent.name) and path.is_file() and not path.is_symlink()
        except (OSError, ValueError):
            there = False
        if not there:
            raise BadInput("that file isn't here any more; choose it again")
        most = getattr(self._context.settings.limits, limit)
        if path.stat().st_size > most * 2**20:
            path.unlink(missing_ok=True)
            raise BadInput(f"that file is too large; up to {most:g} MB are read")
        return path


def read(model: type[Told], told: Any) -> Told:
    """What the page sent, checked. Raises `BadInput` that names the field."""
    try:
        return model.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BadInput(f"{'.'.join(map(str, first['loc'])) or 'the page'}: {first['msg']}") from None


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
