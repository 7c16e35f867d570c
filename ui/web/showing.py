"""What one page shows, and the one piece of work that is done for it, in a thread of its own.

It knows nothing of Gradio, nor of what the work is.
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from personify.ui.web.scenes import Scene
from personify.voices.errors import PersonifyError
from personify.voices.stopping import Stop, Stopped

if TYPE_CHECKING:
    from personify.ui.web.context import Context
    from personify.ui.web.sessions import Session

_LOG = logging.getLogger(__name__)
_LOOKS_EVERY_S = 0.05
"""How often who follows the work looks for a new scene."""
FAILED = "That failed, and the server's log says why; what you typed is still here, so try again."


@dataclass
class Job:
    """One piece of work: how it is stopped, when it began, and whether it is over."""

    stop: Stop = field(default_factory=Stop)
    began: float = field(default_factory=time.monotonic)
    over: bool = False


class Page:
    """One session's page. Safe to share between threads; of two pieces of work the later one stops the earlier.

    `titles` are names of tones and experts for people.
    """

    def __init__(self, context: "Context", session: "Session", titles: dict[str, str]) -> None:
        self.context, self.session, self.titles = context, session, titles
        self._lock = threading.RLock()
        self._leaving = threading.Lock()
        self._job: Job | None = None
        self._stood: dict[str, Any] = {}
        hearing = {"available": context.hearing.available, "how": context.hearing.how}
        self._scene = Scene(session.token, hearing=hearing)

    @property
    def scene(self) -> Scene:
        """What it shows now."""
        return self._scene

    def change(self, job: Job | None = None, **changes: Any) -> Scene:
        """Shows something else. Raises `Stopped` where it comes from a `job` that isn't wanted any more."""
        with self._lock:
            if job is not None and job is not self._job:
                raise Stopped("stopped; nothing was kept")
            self._scene = self._scene.but(**changes)
            return self._scene

    def redo(self, job: Job, what: str) -> Scene:
        """Something of the character that stands is about to be made anew; until that is done, it may be undone."""
        with self._lock:
            if self._scene.redoing is None:
                self._stood = {name: getattr(self._scene, name) for name in ("persona", "tone", "portrait", "live")}
            return self.change(job, redoing=what, stage=None, share=0.0, trouble=None, seconds=0.0)

    def _as_it_stood(self) -> dict[str, Any]:
        """What was shown before something began to be made anew, which is what there is if nothing became of it."""
        stood = self._stood if self._scene.redoing is not None else {}
        self.session.persona = None
        return stood | {"redoing": None, "stage": None, "waiting": None}

    def home(self, **changes: Any) -> Scene:
        """Back to the first step, with nothing going on; work that begins meanwhile goes on, and is shown instead."""
        self._end()
        with self._leaving:
            self.session.leave()
        return self._blank(**changes)

    def stop(self) -> Scene:
        """Ends what is going on; a character that stands already stays."""
        self._end()
        scene = self._scene
        if scene.redoing is not None:
            return self.change(**self._as_it_stood())
        return scene if scene.step == "meet" else self.home(description=scene.description)

    def shelf(self) -> tuple[dict[str, Any], ...]:
        """The characters met before, as the page shows them."""
        files = self.session.files
        return tuple(
            {
                "key": entry.key,
                "name": entry.name,
                "description": entry.description[:200],
                "picture": files.put_bytes(entry.picture, f"{entry.key}.webp"),
                "made": entry.made,
            }
            for entry in self.context.shelf(self.session).list()
        )

    def offer(self, made: dict[str, str]) -> Scene:
        """Adds a file to take along; an older one of the same name goes."""
        with self._lock:
            others = [one for one in self._scene.downloads if one["name"] != made["name"]]
            return self.change(downloads=(*others, made), trouble=None)

    def begin(self, work: "Callable[[Page, Job], None]", **shown: Any) -> Job:
        """Starts the work; what was going on before is stopped. With `shown` the page shows that at once, without any
        character."""
        self._end()
        job = Job()
        with self._lock:
            if shown:
                self._scene = self._scene.empty(**shown)
            self._job, self.session.stop = job, job.stop
        threading.Thread(target=self._run, args=(work, job), name="web-making", daemon=True).start()
        return job

    async def follow(self, job: Job) -> AsyncIterator[dict[str, Any]]:
        """The scenes as they change, until the work is over. Who stops reading stops the work."""
        shown = -1
        try:
            while True:
                over, scene = job.over, self._scene
                if self._job not in (job, None):
                    return
                if scene.serial != shown:
                    shown = scene.serial
                    yield scene.told()
                if over or self._job is None:
                    if self._scene.serial == shown:
                        return
                    continue
                await asyncio.sleep(_LOOKS_EVERY_S)
        finally:
            if not job.over:
                job.stop.ask()

    def _run(self, work: "Callable[[Page, Job], None]", job: Job) -> None:
        try:
            with self._leaving:  # who was met before is left by then
                job.stop.check()
            work(self, job)
        except Stopped:
            pass
        except PersonifyError as error:
            self._failed(job, str(error))
        except Exception:  # noqa: BLE001 - whatever it is, the page must not wait for ever
            if not job.stop.asked:  # else nobody waits, and the session's folder may be gone
                _LOG.exception("the work for a page failed")
                self._failed(job, FAILED)
        finally:
            with self._lock:
                job.over = True
                if self._job is job:
                    self._job = self.session.stop = None

    def _failed(self, job: Job, trouble: str) -> None:
        """Tells what went wrong, where it is still wanted."""
        with self._lock:
            if self._job is not job or job.stop.asked:
                return
            if self._scene.step == "meet" and self.session.avatar is not None:
                self.change(**self._as_it_stood(), trouble=trouble)
                return
        self._blank(job, trouble=trouble)

    def _blank(self, job: Job | None = None, **changes: Any) -> Scene:
        """The first step, unless other work than `job` goes on by then."""
        shelf: tuple[dict[str, Any], ...] = ()
        try:
            shelf = self.shelf()
        except PersonifyError as error:  # it can't be reached; a character can be made all the same
            changes.setdefault("trouble", str(error))
        with self._lock:
            if self._job is job:
                self._scene = self._scene.empty(shelf=shelf, **changes)
            return self._scene

    def _end(self) -> None:
        with self._lock:
            job, self._job = self._job, None
            self.session.stop = None
        if job is not None:
            job.stop.ask()
