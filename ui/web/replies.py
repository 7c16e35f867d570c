"""Replies on their way to browsers: each is made in a thread of its own, of which there are so many, and streams as
lines of JSON; who hangs up stops it."""

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from personify.pipelines.chat.pieces import Piece, SpeechPiece, Trouble
from personify.ui.web.limits import TooBusy
from personify.ui.web.wire import Sound, told
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from personify.pipelines.chat.chat import Chat
    from personify.ui.web.sessions import Session

_LOG = logging.getLogger(__name__)
NDJSON = "application/x-ndjson"
_AS_IT_COMES = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Proxies such as nginx would keep lines back otherwise."""


class Replies:
    """So many replies at once."""

    def __init__(self, at_once: int) -> None:
        self._at_once, self._running = at_once, 0
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="web-reply")
        self._lock = threading.Lock()

    @property
    def running(self) -> int:
        """How many are on their way."""
        return self._running

    def start(self, session: "Session", chat: "Chat", said: str, sound: Sound) -> "Reply":
        """Begins the reply; from within an event loop, which takes its lines. Raises `TooBusy` where all threads are
        taken, and `BadInput` for what has no words."""
        pieces = chat.stream(said)
        with self._lock:
            if self._running >= self._at_once:
                raise TooBusy(f"{self._at_once} replies are on their way already; ask again in a moment")
            self._running += 1
            session.replying += 1
        reply = Reply(chat, pieces, sound)
        try:
            self._pool.submit(self._run, reply, session)
        except RuntimeError:  # the app is ending
            self._done(session)
            raise TooBusy("the app is ending; ask again in a moment") from None
        return reply

    def close(self) -> None:
        """No more are begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, reply: "Reply", session: "Session") -> None:
        try:
            reply.run()
        finally:
            session.touch()
            self._done(session)

    def _done(self, session: "Session") -> None:
        with self._lock:
            self._running -= 1
            session.replying -= 1


class Reply(Response):
    """One reply: made in the thread that calls `run`, sent by the event loop in which it was asked for."""

    def __init__(self, chat: "Chat", pieces: Iterator[Piece], sound: Sound) -> None:
        super().__init__(media_type=NDJSON, headers=_AS_IT_COMES)
        self._chat, self._pieces, self._sound = chat, pieces, sound
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._begun_s: float | None = None  # when the first sound left for the browser
        self._over = False

    def run(self) -> None:
        """Makes it, line by line."""
        try:
            for piece in self._pieces:
                self._put(told(piece, self._sound))
                if isinstance(piece, SpeechPiece) and self._begun_s is None:
                    self._begun_s = time.monotonic()
        except PersonifyError as error:
            self._put(Trouble(str(error)).to_json())
        except Exception:  # noqa: BLE001 - an engine may raise anything; the log has it
            _LOG.exception("a reply failed")
            self._put(Trouble("the reply failed; the server's log says why").to_json())
        finally:
            self._over = True
            self._put(None)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Sends each line as it comes, until the end or until nobody is there to read."""
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
            await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
            while True:
                line = asyncio.ensure_future(self._lines.get())
                await asyncio.wait({line, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    line.cancel()
                    return
                found = line.result()
                await send({"type": "http.response.body", "body": found or b"", "more_body": found is not None})
                if found is None:
                    return
        finally:
            gone.cancel()
            if not self._over:
                self._loop.run_in_executor(None, self._hang_up)

    def _hang_up(self) -> None:
        """Stops it; what could be heard by now counts as heard."""
        if not self._over:
            self._chat.interrupt(0.0 if self._begun_s is None else time.monotonic() - self._begun_s)

    def _put(self, value: dict[str, Any] | None) -> None:
        line = None if value is None else json.dumps(value, ensure_ascii=False).encode() + b"\n"
        with contextlib.suppress(RuntimeError):  # the event loop has ended, and so has the reader
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)


async def _hung_up(receive: "Receive") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
