"""Calls of the API: whose they are, work in a thread that stops when the caller hangs up, and what the caller is told.

A call comes through Gradio's queue (`gradio_client`) or straight from an MCP client; this is where they differ.
"""

import asyncio
import contextlib
import contextvars
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio
import anyio.to_thread
import gradio as gr

from personify.pipelines.create import STAGES, OnStage, Stage
from personify.ui.web.sessions import Session
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.stopping import Stop, stoppable

if TYPE_CHECKING:
    from personify.ui.web.context import Context

Made = TypeVar("Made")

_SHORTEST_SECRET = 16
_STEP = 0.1
"""The least share of a stage that is worth telling of."""


class Calls:
    """Runs the work of calls for the sessions that they belong to."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._limiter = anyio.CapacityLimiter(context.settings.limits.sessions)
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    async def do(
        self, request: gr.Request, work: "Callable[[Session, Stop, Progress], Made]", *, kind: str | None = None
    ) -> Made:
        """What `work` returns, done in a thread of its own for the caller's session, whose rate of `kind` it counts
        against. When the call is cancelled its `Stop` is asked. Errors of Personify's own become Gradio's."""
        stop, progress = Stop(), Progress()
        try:
            session = self._session(request)
            if kind is not None:
                session.allow(kind)
            return await anyio.to_thread.run_sync(
                self._work, session, stop, progress, work, abandon_on_cancel=True, limiter=self._limiter
            )
        except PersonifyError as error:
            raise gr.Error(str(error), print_exception=False) from error
        except asyncio.CancelledError:
            stop.ask()
            raise

    def close(self, request: gr.Request) -> None:
        """Ends the session of a caller who is gone."""
        owner, _ = self._who(request)
        session = self._context.sessions.by_hash(_hash(request), owner)
        if session is not None:
            self._context.sessions.close(session.token)

    def _session(self, request: gr.Request) -> Session:
        """Of whoever calls, apart from the pages of the same browser."""
        owner, user = self._who(request)
        return self._context.open(request, _hash(request), owner, user)

    def _who(self, request: gr.Request) -> tuple[str, str]:
        """Whose call it is. A secret that a program brings says so before a cookie, which its HTTP library may have
        kept of an earlier answer. Raises `BadInput` for a secret that others could guess."""
        kind, _, secret = request.headers.get("authorization", "").strip().partition(" ")
        if kind.lower() != "bearer":
            return self._context.who(request)
        if len(secret.strip()) < _SHORTEST_SECRET:
            raise BadInput(f"the secret after Bearer is too short; {_SHORTEST_SECRET} characters are the least")
        return self._context.who(cast(gr.Request, _Asking(request)))

    def _work(
        self, session: Session, stop: Stop, progress: "Progress", work: "Callable[[Session, Stop, Progress], Made]"
    ) -> Made:
        with self._counted(session, stop), stoppable(stop):
            stop.check()
            return work(session, stop, progress)

    @contextmanager
    def _counted(self, session: Session, stop: Stop) -> Iterator[None]:
        """A session may do several things at once: its own `Stop` asks those of all, and stands while any goes on."""
        with self._lock:
            all_of_it = session.stop = session.stop or Stop()
            self._running[session.token] += 1
        try:
            with all_of_it.calling(stop.ask):
                yield
        finally:
            with self._lock:
                self._running[session.token] -= 1
                if not self._running[session.token]:
                    del self._running[session.token]
                    session.stop = None
            session.touch()


class _Asking:
    """A request without its cookies."""

    def __init__(self, request: gr.Request) -> None:
        self.headers, self.session_hash = request.headers, getattr(request, "session_hash", None)
        self.cookies: dict[str, str] = {}


class Progress:
    """Tells the caller how far the work is, from any thread: as the progress of Gradio's queue, and where an MCP client
    asked for it as MCP's notifications."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self._gradio, self._mcp = gr.Progress(), _mcp_listener()
        self._told: tuple[str, float] = ("", 0.0)
        self._sending: set[asyncio.Task[None]] = set()

    def stage(self, stage: Stage) -> None:
        """Where the making of an avatar is."""
        name, share = self._told
        if stage.name == name and stage.share < share + _STEP:
            return
        self._told = (stage.name, stage.share)
        self.say(stage.name, STAGES.index(stage.name) if stage.name in STAGES else 0, len(STAGES))

    def through(self, gate: OnStage) -> OnStage:
        """For a studio's `on_stage`: past the gate, where it may wait for its turn, and told."""

        def on_stage(stage: Stage) -> None:
            gate(stage)
            self.stage(stage)

        return on_stage

    def wait(self, before: int | None) -> None:
        """How many are before, while it waits for its turn."""
        if before is not None:
            self.say(f"waiting, {before} before you", 0, len(STAGES))

    def say(self, what: str, done: int, of: int) -> None:
        """Any step of a way."""
        self._loop.call_soon_threadsafe(self._tell, what, done, of, context=self._context)

    def _tell(self, what: str, done: int, of: int) -> None:
        self._gradio((done, of), desc=what)
        if self._mcp is not None:
            task = self._loop.create_task(self._mcp(what, done, of))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)


def _hash(request: gr.Request) -> str:
    return f"api:{getattr(request, 'session_hash', None) or 'mcp'}"


def answer(request: gr.Request, value: Any) -> Any:
    """Plain values as the caller reads them: as they are through Gradio, as JSON text for an MCP client, which would
    get Python's notation otherwise."""
    return value if isinstance(request, gr.Request) else json.dumps(value, ensure_ascii=False)


def _mcp_listener() -> "Callable[[str, int, int], Any] | None":
    """Sends a notification to the MCP client that asked for them with this very call, if one did."""
    try:
        from mcp.server.lowlevel.server import request_ctx

        asked = request_ctx.get()
    except (ImportError, LookupError):
        return None
    token = asked.meta.progressToken if asked.meta else None
    if token is None:
        return None

    async def send(what: str, done: int, of: int) -> None:
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # who has hung up
            await asked.session.send_progress_notification(
                token, float(done), float(of), what, related_request_id=str(asked.request_id)
            )

    return send
