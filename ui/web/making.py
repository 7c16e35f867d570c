"""Work that a page waits for, in a thread of its own, told scene by scene: making a character, opening one, and changing
one thing of it.

It knows nothing of Gradio: `Page.follow` gives the scenes to whoever shows them.
"""

import asyncio
import hashlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from personify.avatar.portrait import Guidance, Portrait
from personify.pipelines import Avatar, Stage, Studio
from personify.pipelines.bundle import ToneRecord
from personify.pipelines.persona import Depth, Persona
from personify.pipelines.stages import PersonaSoFar, Sketched, Tried
from personify.ui.web import living
from personify.ui.web.scenes import Scene, draft_card, notes_of, persona_card, portrait_card, tone_card
from personify.ui.web.wire import Sound
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.speech import Speech
from personify.voices.stopping import Stop, Stopped

if TYPE_CHECKING:
    from personify.ui.web.context import Context
    from personify.ui.web.sessions import Session

_LOG = logging.getLogger(__name__)
LOOKS_EVERY_S = 0.05
"""How often who shows the scenes looks for a new one."""
_TELLS_EVERY_S = 0.2
"""A share of a stage that is done is told that often at most."""
FAILED = "That failed, and the server's log says why; what you typed is still here, so try again."


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wished(_Told):
    """What the form of the first step sends."""

    description: str
    seed: int | None = Field(None, ge=0, le=2**32 - 1)
    tone: str | None = Field(None, max_length=200)
    expert: str | None = Field(None, max_length=200)
    guidance: Guidance | None = None
    depth: Depth = "brief"
    picture: str | None = Field(None, max_length=2000)
    sound: Sound = "wav"


class Edited(_Told):
    """What of a persona can be edited on the page; None leaves it as it is."""

    name: str | None = None
    greeting: str | None = None
    manner: str | None = None
    traits: tuple[str, ...] | None = None
    likes: tuple[str, ...] | None = None
    dislikes: tuple[str, ...] | None = None
    backstory: str | None = None

    def applied(self, persona: Persona) -> Persona:
        """The persona with these changes. Raises `BadInput` that names the field."""
        groups = {
            "name": "social", "greeting": "speaking", "manner": "speaking", "traits": "personal", "likes": "personal",
            "dislikes": "personal", "backstory": "life",
        }  # fmt: skip
        whole = persona.model_dump()
        for name, value in self.model_dump(exclude_none=True).items():
            whole[groups[name]][name] = value
        try:
            return Persona.model_validate(whole)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = next((str(part) for part in reversed(first["loc"]) if isinstance(part, str)), "the persona")
            raise BadInput(f"{where}: {first['msg']}") from None


class Revised(_Told):
    """What the page asks to be made anew: another face, another voice, or an edited persona."""

    face: bool = False
    expert: str | None = Field(None, max_length=200)
    tone: str | None = Field(None, max_length=200)
    persona: Edited | None = None
    sound: Sound = "wav"


@dataclass
class Job:
    """One piece of work: how it is stopped, and whether it is over."""

    stop: Stop = field(default_factory=Stop)
    began: float = field(default_factory=time.monotonic)
    over: bool = False


class Page:
    """What one session's page shows, and the work that is done for it: one piece at a time, the last that was asked."""

    def __init__(self, context: "Context", session: "Session", titles: dict[str, str]) -> None:
        self._context, self.session, self._titles = context, session, titles
        self._lock = threading.RLock()
        self._job: Job | None = None
        self._scene = Scene(session.token, hearing=_hearing(context))
        self._thumbs: dict[str, str] = {}

    @property
    def scene(self) -> Scene:
        """What it shows now."""
        return self._scene

    @property
    def studio(self) -> Studio:
        """Who does the work."""
        return self._context.studio

    def change(self, **changes: Any) -> Scene:
        """Shows something else."""
        with self._lock:
            self._scene = self._scene.but(**changes)
            return self._scene

    def home(self, **changes: Any) -> Scene:
        """Back to the first step, with nothing going on."""
        self._end()
        self.session.leave()
        shelf = self.shelf()
        with self._lock:
            self._scene = self._scene.empty(shelf=shelf, **changes)
            return self._scene

    def empty(self, **changes: Any) -> Scene:
        """Shows something else, without any character."""
        with self._lock:
            self._scene = self._scene.empty(**changes)
            return self._scene

    def offer(self, made: dict[str, str]) -> Scene:
        """Adds a file to take along, which the page hands out at once; an older one of the same name goes."""
        with self._lock:
            others = [one for one in self._scene.downloads if one["name"] != made["name"]]
            return self.change(downloads=(*others, made), trouble=None)

    def stop(self) -> Scene:
        """Ends what is going on; a character that stands already stays."""
        self._end()
        if self._scene.redoing is not None:
            return self.change(redoing=None, stage=None, waiting=None)
        return self._scene if self._scene.step == "meet" else self.home(description=self._scene.description)

    def shelf(self) -> tuple[dict[str, Any], ...]:
        """The characters met before, as the page shows them."""
        return tuple(
            {
                "key": entry.key,
                "name": entry.name,
                "description": entry.description[:200],
                "picture": self._thumb(entry.picture),
                "made": entry.made,
            }
            for entry in self._context.shelf(self.session).list()
        )

    def _thumb(self, picture: bytes) -> str:
        """The address of a small picture, put out once."""
        name = hashlib.sha256(picture).hexdigest()
        if name not in self._thumbs:
            self._thumbs[name] = self.session.files.put_bytes(picture, "portrait.webp", "image/webp")
        return self._thumbs[name]

    def begin(self, work: "Callable[[Page, Job], None]", **shown: Any) -> Job:
        """Starts the work in a thread of its own; what was going on before is stopped. With `shown` the page shows that
        at once, without any character."""
        self._end()
        if shown:
            self.empty(**shown)
        job = Job()
        with self._lock:
            self._job = job
            self.session.stop = job.stop
        threading.Thread(target=self._run, args=(work, job), name="web-making", daemon=True).start()
        return job

    async def follow(self, job: Job) -> AsyncIterator[dict[str, Any]]:
        """The scenes as they change, until the work is over. Who stops reading stops the work."""
        shown = -1
        try:
            while True:
                over, scene = job.over, self._scene
                if scene.serial != shown and self._job in (job, None):
                    shown = scene.serial
                    yield scene.told()
                if over or self._job not in (job, None):
                    return
                await asyncio.sleep(LOOKS_EVERY_S)
        finally:
            if not job.over:
                job.stop.ask()

    def _run(self, work: "Callable[[Page, Job], None]", job: Job) -> None:
        try:
            work(self, job)
        except Stopped:
            pass
        except PersonifyError as error:
            self._failed(job, str(error))
        except Exception:
            _LOG.exception("making a character failed")
            self._failed(job, FAILED)
        finally:
            with self._lock:
                job.over = True
                if self._job is job:
                    self._job = None
                    self.session.stop = None

    def _failed(self, job: Job, trouble: str) -> None:
        """Tells what went wrong, where it is still wanted."""
        with self._lock:
            if self._job is not job:
                return
            if self._scene.step == "meet":
                self.change(redoing=None, stage=None, waiting=None, trouble=trouble)
                return
        shelf = self.shelf()
        with self._lock:
            if self._job is job:
                self._scene = self._scene.empty(shelf=shelf, trouble=trouble)

    def _end(self) -> None:
        with self._lock:
            job, self._job = self._job, None
            self.session.stop = None
        if job is not None:
            job.stop.ask()


class Watcher:
    """Tells one page what a job makes, stage by stage. Called in the job's own thread."""

    def __init__(self, page: Page, job: Job, *, seed: int, sound: Sound) -> None:
        self._page, self._job, self._seed, self._sound = page, job, seed, sound
        self._files = page.session.files
        self._persona: Persona | None = None
        self._sketch_url: str | None = None
        self._told_s = 0.0
        self._rig: threading.Thread | None = None

    def __call__(self, stage: Stage) -> None:
        self._job.stop.check()
        made = stage.made
        if made is None and 0 < stage.share < 1 and time.monotonic() - self._told_s < _TELLS_EVERY_S:
            return
        self._told_s = time.monotonic()
        self._tell(stage=stage.name, share=round(stage.share, 3), **self._shown(made))

    def wait(self, before: int | None) -> None:
        """How many are before in the queue."""
        self._tell(waiting=None if before is None else max(1, before))

    def settle(self) -> None:
        """Waits for what is made beside the stages."""
        if self._rig is not None:
            self._rig.join()

    def _tell(self, **changes: Any) -> None:
        self._job.stop.check()
        seconds = round(time.monotonic() - self._job.began, 2)
        self._page.change(seconds=seconds, **changes)

    def _shown(self, made: object | None) -> dict[str, Any]:
        """What the page shows of it."""
        if isinstance(made, PersonaSoFar):
            return {"persona": draft_card(made)}
        if isinstance(made, Persona):
            self._persona = self._page.session.persona = made
            return {"persona": persona_card(made)}
        if isinstance(made, ToneRecord):
            return {"tone": tone_card(made, self._page._titles)}
        if isinstance(made, Sketched):
            self._sketch_url = living.show_picture(made.image, self._files, "sketch")
            return {"portrait": self._picture(None, made)}
        if isinstance(made, Tried):
            return {"portrait": self._picture(living.show_picture(made.image, self._files, "attempt"), made)}
        if isinstance(made, Portrait):
            self._begin_rig(made)
            url = living.show_picture(made.image, self._files, "portrait")
            return {"portrait": portrait_card(made, url, self._sketch_url, self._page._titles)}
        if isinstance(made, Speech) and self._persona is not None:
            return {"greeting": self._greeting(made)}
        return {}

    def _picture(self, url: str | None, made: Sketched | Tried) -> dict[str, Any]:
        height, width = made.image.shape[:2]
        return {
            "url": url,
            "sketch_url": self._sketch_url,
            "landmarks": living.landmark_points(made.landmarks),
            "width": width,
            "height": height,
            "whole": False,
        }

    def _begin_rig(self, portrait: Portrait) -> None:
        """The rig is made while the greeting is spoken and filmed, so that it is heard before the film is done."""
        self._rig = threading.Thread(target=self._make_rig, args=(portrait,), name="web-rig", daemon=True)
        self._rig.start()

    def _make_rig(self, portrait: Portrait) -> None:
        expression = "neutral" if self._persona is None else self._persona.appearance.expression
        try:
            live = living.live_face(portrait, self._files, seed=self._seed, expression=expression)
            self._tell(live=live)
        except Stopped:
            pass
        except PersonifyError as error:  # its picture and its voice are there all the same
            _LOG.info("no live face: %s", error)
        except OSError:  # the session's folder is gone
            _LOG.info("the page was left while its face was made")

    def _greeting(self, speech: Speech) -> dict[str, Any]:
        assert self._persona is not None
        sentence, expression = self._persona.speaking.greeting, self._persona.appearance.expression
        told = living.spoken(speech, sentence, seed=self._seed, expression=expression, sound=self._sound)
        return told | {"log": True}


def make(wished: Wished, picture: Path | None) -> Callable[[Page, Job], None]:
    """The work of making the character that was wished for."""

    def work(page: Page, job: Job) -> None:
        context, session = page._context, page.session
        seed = wished.seed if wished.seed is not None else _any_seed()
        watcher = Watcher(page, job, seed=seed, sound=wished.sound)
        try:
            with context.turns.gate(job.stop, watcher.wait) as gate:
                avatar = page.studio.create(
                    wished.description, seed=seed, tone=wished.tone, expert=wished.expert, guidance=wished.guidance,
                    depth=wished.depth, image=picture, out=session.folder / "making", force=True, stop=job.stop,
                    on_stage=_both(gate, watcher),
                )  # fmt: skip
        finally:
            if picture is not None:
                picture.unlink(missing_ok=True)
        watcher.settle()
        kept = context.shelf(session).keep(avatar)
        _meet(page, job, kept)

    return work


def open_(key: str, *, back: bool, sound: Sound) -> Callable[[Page, Job], None]:
    """The work of meeting a character from the shelf again; with `back` after a reload, when it doesn't greet anew."""

    def work(page: Page, job: Job) -> None:
        avatar = page._context.shelf(page.session).open(key, page.session.folder / "opened")
        come_in(page, job, avatar, back=back, sound=sound)

    return work


def read_file(path: Path, *, sound: Sound) -> Callable[[Page, Job], None]:
    """The work of meeting a character from a file, a packed bundle, which goes onto the shelf."""

    def work(page: Page, job: Job) -> None:
        from personify.ui.web.packing import unpack

        try:
            avatar = unpack(path, page.session.folder / "read")
        finally:
            path.unlink(missing_ok=True)
        kept = page._context.shelf(page.session).keep(avatar)
        come_in(page, job, kept, back=False, sound=sound)

    return work


def film(page: Page) -> dict[str, str]:
    """A clip of the last reply. Raises `BadInput` where there is none yet."""
    chat, folder = page.session.chat, page.session.folder
    if chat is None:
        raise BadInput("there is nobody here; make a character or open one")
    name = f"{_key(chat.avatar)}-reply.mp4"
    target = folder / name
    target.unlink(missing_ok=True)
    chat.film(target)
    return {"label": "The last reply as a clip (MP4)", "url": page.session.files.put(target), "name": name, "go": "1"}


def export(page: Page) -> dict[str, str]:
    """The character as one page that speaks by itself. Raises `BadInput` where there is none."""
    from personify.ui.page import write_page

    avatar, folder = page.session.avatar, page.session.folder
    if avatar is None:
        raise BadInput("there is nobody here; make a character or open one")
    name = f"{_key(avatar)}.html"
    target = folder / name
    target.unlink(missing_ok=True)
    write_page(avatar, target)
    return {"label": "A page of its own (HTML)", "url": page.session.files.put(target), "name": name, "go": "1"}


def come_in(page: Page, job: Job, avatar: Avatar, *, back: bool, sound: Sound) -> None:
    """A character that was made before is there: first its picture, then its face and its greeting."""
    session, expression = page.session, avatar.persona.appearance.expression
    _meet(page, job, avatar, persona=persona_card(avatar.persona), tone=tone_card(avatar.record.tone, page._titles),
          portrait=_portrait_of(avatar, page), live=None, greeting=None)  # fmt: skip
    changes: dict[str, Any] = {}
    try:
        changes["live"] = living.live_face(avatar.portrait, session.files, seed=avatar.seed, expression=expression)
    except PersonifyError as error:
        changes["trouble"] = str(error)
    if not back:
        greeting, sentence = living.greeting_speech(avatar), avatar.persona.speaking.greeting
        told = living.spoken(greeting, sentence, seed=avatar.seed, expression=expression, sound=sound)
        changes["greeting"] = told | {"log": True}
    job.stop.check()
    page.change(**changes)


def revise(revised: Revised) -> Callable[[Page, Job], None]:
    """The work of making one thing of the character anew, and what depends on it."""

    def work(page: Page, job: Job) -> None:
        session, context = page.session, page._context
        avatar = session.avatar
        if avatar is None:
            raise BadInput("there is nobody to change yet; make a character or open one")
        page.change(redoing=_what(revised), stage=None, share=0.0, trouble=None, seconds=0.0)
        wanted: dict[str, Any] = {}
        if revised.tone is not None:
            wanted["tone"] = revised.tone
        if revised.persona is not None:
            wanted["persona"] = revised.persona.applied(avatar.persona)
        if revised.face:
            wanted |= {"seed": _any_seed(), "expert": revised.expert}
        watcher = Watcher(page, job, seed=avatar.seed, sound=revised.sound)
        watcher._persona = wanted.get("persona", avatar.persona)
        with context.turns.gate(job.stop, watcher.wait) as gate:
            new = page.studio.revise(avatar, **wanted, stop=job.stop, on_stage=_both(gate, watcher))
        watcher.settle()
        context.shelf(session).replace(new)
        _meet(page, job, new, persona=persona_card(new.persona), tone=tone_card(new.record.tone, page._titles))

    return work


def _meet(page: Page, job: Job, avatar: Avatar, **changes: Any) -> None:
    """The character stands, and can be talked to."""
    session = page.session
    chat = session.meet(avatar)
    job.stop.check()
    engine = {"name": chat.engine.name, "is_language_model": chat.engine.is_language_model}
    page.change(
        step="meet", stage=None, waiting=None, redoing=None, key=_key(avatar), downloads=_downloads(page, avatar),
        engine=engine, notes=notes_of(avatar.record), description="", **changes,
    )  # fmt: skip


def _hearing(context: "Context") -> dict[str, Any]:
    hearing = context.hearing
    return {"available": hearing.transcriber is not None, "how": hearing.how}


def _key(avatar: Avatar) -> str:
    return avatar.folder.name


def _downloads(page: Page, avatar: Avatar) -> tuple[dict[str, str], ...]:
    """What can be taken along at once; the rest is made when it is asked for."""
    from personify.ui.web.packing import pack

    files, name = page.session.files, avatar.folder.name
    packed = pack(avatar, page.session.folder / f"{name}.zip")
    return (
        {"label": "The greeting as a clip (MP4)", "url": files.put(avatar.clip, f"{name}.mp4"), "name": f"{name}.mp4"},
        {"label": "All of it, to open here again (ZIP)", "url": files.put(packed), "name": f"{name}.zip"},
    )


def _portrait_of(avatar: Avatar, page: Page) -> dict[str, Any]:
    url = living.show_picture(avatar.portrait.image, page.session.files, "portrait")
    return portrait_card(avatar.portrait, url, None, page._titles)


def _what(revised: Revised) -> Literal["face", "voice", "character"]:
    return "face" if revised.face else "voice" if revised.tone is not None else "character"


def _both(gate: Callable[[Stage], None], watcher: Watcher) -> Callable[[Stage], None]:
    def on_stage(stage: Stage) -> None:
        gate(stage)
        watcher(stage)

    return on_stage


def _any_seed() -> int:
    import secrets

    return secrets.randbelow(2**32)
