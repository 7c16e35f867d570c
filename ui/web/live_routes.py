"""What the page asks for beside Gradio: its scripts, its files, replies that stream, what was said, and tones to try.

Sessions are named by the header `X-Personify-Session`; every error is one line of JSON.
"""

import gzip
import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Coroutine
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from personify.ui.modules import bare
from personify.ui.web.context import Context
from personify.ui.web.limits import TooBusy, TooQuick
from personify.ui.web.replies import Replies
from personify.ui.web.sessions import Session
from personify.ui.web.wire import audio
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.transcribing import NothingHears

if TYPE_CHECKING:
    from personify.pipelines.persona import Persona

_LOG = logging.getLogger(__name__)
HEADER = "X-Personify-Session"
_TYPES = {
    ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml", ".json": "application/json", ".png": "image/png", ".woff2": "font/woff2",
}  # fmt: skip
_JSON_BYTES = 64 * 1024
_LONGEST_PLAYED_S = 3600.0


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(_Body):
    """`/reply`."""

    said: str
    sound: Literal["opus", "wav"] = "opus"


class Cut(_Body):
    """`/interrupt`."""

    spoken_s: float | None = Field(None, ge=0, le=_LONGEST_PLAYED_S, allow_inf_nan=False)


class Tried(_Body):
    """`/try`."""

    tone: str = Field(max_length=200)
    sound: Literal["opus", "wav"] = "wav"


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}

    def response(self) -> JSONResponse:
        """As the page gets it."""
        return JSONResponse({"error": str(self)}, self.status, self.headers)


def live_routes(context: Context, replies: Replies) -> APIRouter:
    """The routes; whatever goes wrong in one of them is answered by `refusal`."""
    router = APIRouter(route_class=_Route)
    limits = context.settings.limits

    @router.get("/health")
    def health() -> JSONResponse:
        state = context.life.state
        told = {"status": "ok" if state == "running" else state, "version": version("personify")}
        return JSONResponse(
            told | {"sessions": len(context.sessions), "warm": context.life.warm}, 200 if state == "running" else 503
        )

    @router.get("/personify/live/{name}")
    def live(name: str, request: Request) -> Response:
        found = _live_file(name)
        if found is None:
            raise Refused(404, f"there is no {name[:80]!r} here")
        return found.response(request)

    @router.get("/personify/files/{token}/{name}")
    def shown(token: str, name: str, request: Request) -> Response:
        found = context.sessions.file(token, name)
        if found is None or not found.path.is_file():
            raise Refused(404, "this file is gone; its page was left or its avatar removed")
        inline = "download" not in request.query_params and not found.type.startswith("text/html")
        return FileResponse(
            found.path,
            media_type=found.type,
            filename=found.name,
            content_disposition_type="inline" if inline else "attachment",
            headers={
                "Cache-Control": "private, max-age=3600",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    @router.post("/personify/reply")
    async def reply(request: Request) -> Any:
        session = _session(context, request)
        asked = await _read(request, Asked)
        if len(asked.said) > limits.said_chars:
            raise Refused(400, f"that has {len(asked.said)} characters; {limits.said_chars} are the most")
        chat = session.chat
        if chat is None:
            raise Refused(400, "there is nobody to talk to yet; make a character or open one")
        session.allow("reply")
        return replies.start(session, chat, asked.said, asked.sound)

    @router.post("/personify/interrupt")
    async def interrupt(request: Request) -> Response:
        session = _session(context, request)
        cut = await _read(request, Cut)
        chat = session.chat
        if chat is not None:
            await run_in_threadpool(chat.interrupt, cut.spoken_s)
        return Response(status_code=204)

    @router.post("/personify/hear")
    async def hear(request: Request) -> JSONResponse:
        session = _session(context, request)
        if not context.hearing.available:
            raise Refused(501, context.hearing.how)
        wav = await _read_bytes(request, "audio/wav", int(limits.audio_mb * 2**20))
        session.allow("hear")
        return JSONResponse(await run_in_threadpool(_heard, context, session, wav))

    @router.post("/personify/try")
    async def try_tone(request: Request) -> JSONResponse:
        session = _session(context, request)
        tried = await _read(request, Tried)
        session.allow("try")
        return JSONResponse(await run_in_threadpool(_tried, session, tried))

    return router


class _Route(APIRoute):
    """Answers errors itself, so that they leave through the guard like everything else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, and what catches it."""
        handler = super().get_route_handler()

        async def safe(request: Request) -> Response:
            try:
                return await handler(request)
            except Exception as error:  # noqa: BLE001 - the log has what is none of our own
                return refusal(error)

        return safe


def refusal(error: Exception) -> JSONResponse:
    """Any error of these routes as the page gets it."""
    if isinstance(error, Refused):
        return error.response()
    if isinstance(error, (TooQuick, TooBusy)):
        status = 429 if isinstance(error, TooQuick) else 503
        return Refused(status, str(error), {"Retry-After": str(error.retry_after_s)}).response()
    if isinstance(error, NothingHears):
        return Refused(501, str(error)).response()
    if isinstance(error, PersonifyError):
        return Refused(400 if isinstance(error, BadInput) else 500, str(error)).response()
    _LOG.exception("a request failed", exc_info=error)
    return Refused(500, "that failed; the server's log says why").response()


class _LiveFile:
    """A static file, also packed."""

    def __init__(self, name: str, content: bytes) -> None:
        self._plain, self._packed = content, gzip.compress(content, 9, mtime=0)
        self._type = _TYPES[Path(name).suffix]
        self._tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'

    def response(self, request: Request) -> Response:
        """The file, or that the browser has it already."""
        headers = {"Cache-Control": "no-cache", "ETag": self._tag, "Vary": "Accept-Encoding"}
        if self._tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", "") and len(self._packed) < len(self._plain):
            return Response(self._packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=self._type)
        return Response(self._plain, headers=headers, media_type=self._type)


def _live_file(name: str) -> _LiveFile | None:
    """The file of `ui/live` with that name, as it is now."""
    folder = files("personify.ui") / "live"
    found = next((item for item in folder.iterdir() if item.name == name and Path(name).suffix in _TYPES), None)
    if found is None or not found.is_file():
        return None
    return _packed_file(name, found.read_bytes())


@lru_cache(256)
def _packed_file(name: str, content: bytes) -> _LiveFile:
    """A script is served without the comments that have lines of their own."""
    return _LiveFile(name, bare(content.decode("utf-8")).encode() if name.endswith(".js") else content)


def _session(context: Context, request: Request) -> Session:
    session = context.sessions.of(request.headers.get(HEADER, ""))
    if session is None:
        raise Refused(401, "this page was left or idle for too long; reload it")
    return session


async def _read(request: Request, model: type[Any]) -> Any:
    """The JSON body, checked."""
    body = await _read_bytes(request, "application/json", _JSON_BYTES)
    try:
        return model.model_validate(json.loads(body))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise Refused(400, f"{where}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise Refused(400, "the body is no JSON") from None


async def _read_bytes(request: Request, kind: str, most: int) -> bytes:
    """The body, of this type and not longer than that, however long it claims to be."""
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if told != kind:
        raise Refused(415, f"this takes {kind}, not {told[:80] or 'nothing'}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refused(413, f"that is too large; {most / 2**20:.2g} MB are the most")
    return bytes(body)


def _heard(context: Context, session: Session, wav: bytes) -> dict[str, Any]:
    persona = _persona(session)
    language = persona.language if persona else None
    heard = context.hearing.hear_wav(wav, language, longest_s=context.settings.limits.audio_s)
    return {"text": heard.text, "language": heard.language}


def _tried(session: Session, tried: Tried) -> dict[str, Any]:
    persona = _persona(session)
    if persona is None:
        raise Refused(400, "there is no greeting to try a tone with yet; make a character or open one")
    path = session.folder / f"{secrets.token_hex(8)}.wav"
    text, language = persona.speaking.greeting, persona.voice.language
    try:
        found = session.studio.try_tone(tried.tone, text, out=path, language=language)
    finally:
        path.unlink(missing_ok=True)
    seconds = round(found.speech.duration_s, 4)
    return {"audio": audio(found.speech, tried.sound), "seconds": seconds, "note": found.note}


def _persona(session: Session) -> "Persona | None":
    """Of who is being made, or else of who has been met."""
    return session.persona or (session.avatar.persona if session.avatar else None)
