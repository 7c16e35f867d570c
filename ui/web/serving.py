"""The web app as one server: what is mounted where, and how it starts and ends."""

import asyncio
import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from personify.ui.web.owners import login_of
from personify.ui.web.settings import WebSettings
from personify.voices.errors import BadInput, MissingExtra, PersonifyError
from personify.voices.libraries import settle_libraries
from personify.voices.stopping import stoppable

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn
    from fastapi import FastAPI, Request

    from personify.pipelines import Studio
    from personify.ui.web.context import Context
    from personify.ui.web.logins import Logins

_LOG = logging.getLogger(__name__)
UPLOADS_KEPT_S = (600, 3600)
"""How often Gradio looks for files that were uploaded and never read, and how old they may be."""
GRACE_S = 0.5
"""How long requests that are being answered may go on once the app is to end."""

LONGEST_END_S = 10
"""After that long what still goes on is cut off, which only a machine that is very busy comes to."""


def check_installed() -> None:
    """Raises `MissingExtra` where the web app's libraries aren't here."""
    missing = [name for name in ("gradio", "fsspec") if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"the web app needs {' and '.join(missing)}; install it with: pip install 'personify[ui]'")


def build(settings: WebSettings, *, studio: "Studio | None" = None) -> "FastAPI":
    """The app; its `state.context` holds the services, and its end closes them.

    Raises `BadInput`, `MissingExtra` or another `PersonifyError` for settings that can't be had; nothing is left then.
    """
    check_installed()
    from personify.ui.web.context import build_context
    from personify.ui.web.logins import read_logins

    logins = read_logins(settings.login) if settings.login is not None else None
    context = build_context(settings, studio)
    try:
        return _built(context, logins)
    except BaseException:
        context.close()
        raise


def _built(context: "Context", logins: "Logins | None") -> "FastAPI":
    """Our own routes, Gradio's below them, and who stands before both."""
    _quiet_gradio(context)
    from fastapi import FastAPI

    from personify.ui.web.door import Door
    from personify.ui.web.guard import Guard
    from personify.ui.web.live_routes import live_routes
    from personify.ui.web.replies import Replies
    from personify.ui.web.tidying import Tidier

    replies = Replies(context.settings.limits.replies_at_once)

    @contextlib.asynccontextmanager
    async def lifespan(app: "FastAPI") -> AsyncIterator[None]:
        yield
        replies.close()
        await asyncio.to_thread(context.close)

    app = FastAPI(title="Personify", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.context = context
    app.include_router(live_routes(context, replies))
    _mount_gradio(app, context, locked=logins is not None)
    context.sessions.when_closed(Tidier(_forgetting(app)).left)
    if logins is not None:
        app.add_middleware(Door, logins=logins)
    app.add_middleware(Guard, settings=context.settings)  # the last one added is the first one asked
    return app


def _mount_gradio(app: "FastAPI", context: "Context", *, locked: bool) -> None:
    """The page and the API, with nothing shared, reported or kept."""
    import gradio as gr

    from personify.ui.web.app import build_blocks, look

    settings = context.settings
    blocks = build_blocks(context)
    blocks.delete_cache = UPLOADS_KEPT_S
    _fetch_nothing(blocks)
    gr.mount_gradio_app(
        app,
        blocks,
        "/",
        **look(),
        server_name=settings.host,
        server_port=settings.port,
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        max_file_size=int(settings.limits.bundle_mb * 2**20),
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=settings.mcp,
        auth_dependency=_logged_in if locked else None,
    )


def _fetch_nothing(blocks: "gr.Blocks") -> None:
    """Gradio takes whatever looks like a file in what callers send for one, and would fetch it from its address."""
    import gradio as gr

    def guarded(take: Callable[[Any], Awaitable[str | None]]) -> Callable[[Any], Awaitable[str | None]]:
        async def take_here(place: Any) -> str | None:
            if str(place).lower().startswith(("http:", "https:")):
                raise gr.Error("nothing is fetched from elsewhere; send it along", print_exception=False)
            return await take(place)

        return take_here

    for block in blocks.blocks.values():
        if hasattr(block, "async_move_resource_to_block_cache"):
            part: Any = block
            part.async_move_resource_to_block_cache = guarded(part.async_move_resource_to_block_cache)


class Running:
    """The app at a port, in a thread of its own: `with Running(settings) as app: app.url`. For tests and measuring."""

    def __init__(self, settings: WebSettings, *, studio: "Studio | None" = None) -> None:
        self._settings, self._studio = settings, studio

    def __enter__(self) -> Self:
        listening = bind(self._settings)
        self.url = address(self._settings, listening)
        self.app = app = build(self._settings, studio=self._studio)
        self.context: Context = app.state.context
        started = threading.Event()
        self._server = _server(app, self._settings, started.set)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="web-server", daemon=True)
        self._thread.start()
        until = time.monotonic() + 30
        while not started.wait(0.05):
            if not self._thread.is_alive() or time.monotonic() > until:
                self.context.close()
                raise PersonifyError("the web app did not start; the log says why")
        self.context.life.state = "running"
        return self

    def __exit__(self, *error: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def serve(settings: WebSettings, on_ready: Callable[[str], None] | None = None) -> None:
    """Runs the app until Ctrl-C or a kill; `on_ready` hears its address. Raises `BadInput` for a port that is taken."""
    from personify.ui.web.tidying import share_arenas

    check_installed()
    share_arenas()
    listening = bind(settings)
    app = build(settings)
    context: Context = app.state.context
    warming = threading.Thread(target=_warm, args=(context,), name="web-warming", daemon=True)

    def on_started() -> None:
        context.life.state = "running"
        if settings.warm:
            warming.start()
        if on_ready is not None:
            on_ready(address(settings, listening))

    try:
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises the signal again that it has ended by
            _server(app, settings, on_started).run([listening])
    finally:
        context.close()


def bind(settings: WebSettings) -> socket.socket:
    """Takes the port. Raises `BadInput` that names it and the way out."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise BadInput(
            f"{settings.host!r} is no address of this machine ({error.strerror}); try --host 127.0.0.1"
        ) from None
    listening = socket.socket(family, kind)
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(where)
    except OSError as error:
        listening.close()
        place = f"port {settings.port} of {settings.host}"
        raise BadInput(f"{place} can't be had ({error.strerror}); choose another with --port, 0 for any") from None
    listening.listen(256)
    listening.set_inheritable(False)
    return listening


def address(settings: WebSettings, listening: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    port = listening.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{port}"


def _server(app: "FastAPI", settings: WebSettings, on_started: Callable[[], None]) -> "uvicorn.Server":
    import uvicorn

    context: Context = app.state.context

    class Server(uvicorn.Server):
        """Tells when it has started, and ends by hanging up, which those who stream take as a reason to stop."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                on_started()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            context.life.end()
            hanging_up = asyncio.ensure_future(self._hang_up())
            await asyncio.to_thread(context.sessions.halt_all)
            await super().shutdown(sockets)
            hanging_up.cancel()

        async def _hang_up(self) -> None:
            await asyncio.sleep(GRACE_S)
            for connection in list(self.server_state.connections):
                if connection.transport is not None:
                    connection.transport.close()

    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=LONGEST_END_S,
            timeout_keep_alive=30,
        )
    )


def _warm(context: "Context") -> None:
    """Loads what the first visitor would wait for."""
    from personify.ui.web.tidying import settle_memory
    from personify.ui.web.warming import warm

    with stoppable(context.life.stop):
        warm(context.studio, context.scratch.folder)
        if context.hearing.available and not context.life.stop.asked:
            try:
                context.hearing.warm()
            except PersonifyError as error:
                _LOG.warning("what hears could not be loaded: %s", error)
    settle_memory()
    context.life.warm = True


def _forgetting(app: "FastAPI") -> Callable[[str], None]:
    """Has Gradio forget what a page showed, which it would keep for an hour."""
    mounted = [getattr(route, "app", None) for route in app.routes]
    states = [each.state_holder for each in mounted if each is not None and hasattr(each, "state_holder")]

    def forget(session_hash: str) -> None:
        for holder in states:
            holder.session_data.pop(session_hash.removeprefix("api:"), None)

    return forget


def _logged_in(request: "Request") -> str | None:
    """For Gradio: the door has let them in by that name."""
    return login_of(request.headers)


def _quiet_gradio(context: "Context") -> None:
    """Before Gradio is imported: it tells nobody of this app, and puts its files where they are removed at the end.

    With each event it asks matplotlib for its backend, which takes seconds the first time unless one is named.
    """
    folder = str(context.scratch.make("gradio"))
    settle_libraries()
    os.environ.update(MPLBACKEND="agg", GRADIO_TEMP_DIR=folder, GRADIO_EXAMPLES_CACHE=folder)
