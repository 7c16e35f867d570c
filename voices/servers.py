"""Where a server is and how it is spoken to: its address, its model, the NAME of its key's variable, and the limits.

Knows nothing of speech or words. The key itself stays in the environment: it is read when a request leaves, goes into
that request's header if that goes to the server itself, and is in no value, message or log.
"""

import os
import re
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from personify.voices.errors import BadInput, MissingExtra
from personify.voices.lines import line_in_use
from personify.voices.settings import own_table

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

SPEECH_VARIABLE = "PERSONIFY_SPEECH_URL"
HOSTED = "https://api.openai.com/v1"
"""OpenAI's own server: the only one that the key in `OPENAI_API_KEY` goes to unless `key_env` names that variable."""

_ENDPOINTS = re.compile(r"/(audio/speech|chat/completions|models)/?$")
_OF_OPENAI = frozenset({"openai-organization", "openai-project"})
_CUSTOM_HEADERS = "OPENAI_CUSTOM_HEADERS"
"""The client sends what stands in it, a "Name: value" a line, with every request."""
_OF_HTTP = frozenset({"host", "content-length", "content-type", "transfer-encoding"})
_BEGUN = "personify.begun"
"""A request's note of when it left, which those that it is redirected to inherit."""
_LONGEST_REFUSAL = 64_000
"""Bytes that are read of an answer that is no, or that leads elsewhere."""
_S = TypeVar("_S", bound="Server")


class Server(BaseModel):
    """One server that speaks OpenAI's protocol, with the limits of an exchange.

    `url` ends before "/chat/completions" and the like; a bare host gets "/v1". `timeout_s` is for one answer, retries
    included. 429, 500, 502, 503 and lost connections are tried `retries` times more, `backoff_s` later and then twice
    as long each time. `max_bytes` is the longest answer that is read; of one that is no, 64 kB are.

    The time is looked at whenever something comes, so that who sends a little and then nothing may take it twice. How
    long the headers of an answer trickle is not watched.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: ClassVar[str] = "the server"
    """How messages call it."""
    variable: ClassVar[str] = ""
    """The environment variable that says where it is."""
    usual_key: ClassVar[str] = ""
    """The variable that holds its key unless `key_env` names another."""

    url: str
    model: str | None = Field(None, min_length=1)
    key_env: str | None = Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    timeout_s: float = Field(60.0, gt=0)
    retries: int = Field(2, ge=0, le=10)
    backoff_s: float = Field(0.5, ge=0)
    max_bytes: int = Field(64_000_000, gt=0)

    @field_validator("key_env", mode="before")
    @classmethod
    def _no_key(cls, name: Any) -> Any:
        """A key that was written where its variable's name belongs must not come back in the message."""
        if isinstance(name, str) and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise ValueError("it is the NAME of the environment variable that holds the key, never the key itself")
        return name

    @field_validator("url")
    @classmethod
    def _base(cls, url: str) -> str:
        try:
            parts = urlsplit(url.strip())
            host, _ = parts.hostname, parts.port
        except ValueError as error:
            raise ValueError("it is no address; give one such as http://127.0.0.1:8880/v1") from error
        if "@" in parts.netloc or parts.query:
            raise ValueError("it may hold no user, password or query; give the NAME of the key's variable as key_env")
        if parts.scheme not in ("http", "https") or not host or re.search(r"\s", host):
            raise ValueError("it is no address; give one such as http://127.0.0.1:8880/v1")
        if parts.scheme != "https" and _of_openai(host):
            raise ValueError(
                f"OpenAI's server is asked over https alone, or its key could be read on the way: {HOSTED}"
            )
        path = _ENDPOINTS.sub("", parts.path).rstrip("/") or "/v1"
        return f"{parts.scheme}://{parts.netloc}{path}"

    @property
    def hosted(self) -> bool:
        """Whether it is OpenAI's own."""
        return _is_hosted(self.url)

    @property
    def local(self) -> bool:
        """Whether it runs on this machine."""
        return urlsplit(self.url).hostname in ("localhost", "127.0.0.1", "::1")

    @property
    def key_variable(self) -> str:
        """The variable that its key is read from."""
        if self.key_env:
            return self.key_env
        return "OPENAI_API_KEY" if self.hosted and not os.environ.get(self.usual_key) else self.usual_key

    def without_key(self, text: str, shortest: int = 1) -> str:
        """The text with the key crossed out, should a server have sent it back; not one of fewer signs than
        `shortest`."""
        key = _key(self)
        return text.replace(key, "***") if len(key) >= max(1, shortest) else text

    @property
    def lacks(self) -> str:
        """What keeps it from being asked, for the user; "" if nothing does."""
        if (self.key_env or self.hosted) and not _key(self):
            return f"{self.what} at {self.url} wants a key; put it into the environment variable {self.key_variable}"
        return ""


class SpeechServer(Server):
    """A server that speaks.

    `format` is what it is asked for; what comes is told by itself, and raw "pcm" is taken for 24 kHz, 16 bit, mono.
    `voices` names the voice models of the catalogue that it has the voices of.
    """

    what: ClassVar[str] = "the speech server"
    variable: ClassVar[str] = SPEECH_VARIABLE
    usual_key: ClassVar[str] = "PERSONIFY_SPEECH_KEY"

    format: Literal["wav", "pcm", "flac", "mp3", "opus"] = "wav"
    voices: tuple[str, ...] = ()

    def has_voices_of(self, model: str) -> bool:
        """Whether the tones of this voice model are its own: those that `voices` names, or else OpenAI's for OpenAI's
        server and all others for any other."""
        return model in self.voices if self.voices else (model == "openai") == self.hosted


def speech_server() -> SpeechServer | None:
    """The one that is configured: by `$PERSONIFY_SPEECH_URL`, as "URL" or "URL#model", or by the table `[speech]` of
    the user's `personify.toml`, of which the variable takes only the address and the model's place.

    None where there is none. Raises `BadInput` that names the file or the variable, the key and what was expected.
    """
    path, table = own_table("speech")
    told = os.environ.get(SPEECH_VARIABLE, "").strip()
    if not told and not table:
        return None
    return read_server(SpeechServer, told, table, str(path))


def read_server(kind: type[_S], told: str, table: Mapping[str, Any], place: str) -> _S:
    """The server that `told`, as "URL" or "URL#model", and the table of a file give together.

    The table's key is for the table's server: where `told` leads elsewhere, its `key_env` counts no more.
    """
    values = dict(table)
    if told:
        url, _, model = told.partition("#")
        if "url" in values and not _same_origin(url, values["url"]):
            values.pop("key_env", None)
        if model or url != values.get("url"):
            values |= {"url": url, "model": model or None}
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "url"
        where = kind.variable if told and name == "url" else f"{place}: {name}"
        raise BadInput(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


@lru_cache(maxsize=16)
def client_of(server: Server, *, keeps: bool = True) -> "OpenAI":
    """The client for this server, shared between threads; it connects when it is first used and never retries by
    itself. It keeps connections for later requests, unless each is to be on a line of its own that can be cut.
    Raises `MissingExtra` where the package isn't installed."""
    try:
        from httpx2 import Limits
        from openai import DefaultHttpxClient, OpenAI
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"{server.what} is asked through the package openai; install it with: pip install 'personify[openai]'"
        ) from error
    home = _origin(server.url)
    custom = _custom_headers()

    def sign(request: "httpx2.Request") -> None:
        """Every request that leaves comes by here, also one that follows a redirect."""
        key = _key(server)
        if key and _origin(str(request.url)) == home:
            request.headers["Authorization"] = f"Bearer {key}"
        else:
            request.headers.pop("Authorization", None)
        if not _is_hosted(str(request.url)):
            for name in (_OF_OPENAI | custom | _custom_headers()) - _OF_HTTP - {"authorization"}:
                request.headers.pop(name, None)
        request.extensions.setdefault(_BEGUN, time.monotonic())
        line = line_in_use()
        if line is not None:
            request.extensions["trace"] = line.heed

    # A proxy that is set for the internet isn't asked for this machine.
    transport = DefaultHttpxClient(
        trust_env=not server.local,
        event_hooks={"request": [sign], "response": [_shorten]},
        limits=Limits(max_connections=1000, max_keepalive_connections=100 if keeps else 0),
    )
    # The client insists on a key, or takes OPENAI_API_KEY by itself; `sign` writes the true one, or none.
    return OpenAI(api_key="unused", base_url=server.url, max_retries=0, http_client=transport)


def _shorten(response: "httpx2.Response") -> None:
    """The client reads what is no answer whole, however long it is: it gets the beginning, and no more time than the
    request had."""
    from httpx2 import ReadTimeout, SyncByteStream

    if response.status_code < 300 or not isinstance(response.stream, SyncByteStream):
        return
    whole: SyncByteStream = response.stream
    request = response.request
    given_s = request.extensions.get("timeout", {}).get("read")
    deadline = request.extensions[_BEGUN] + given_s if given_s else None

    class Beginning(SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            left = _LONGEST_REFUSAL
            for chunk in whole:
                if deadline and time.monotonic() > deadline:
                    raise ReadTimeout("the refusal did not end in time", request=request)
                yield chunk[:left]
                left -= len(chunk)
                if left <= 0:
                    return

        def close(self) -> None:
            whole.close()

    response.stream = Beginning()


def _custom_headers() -> frozenset[str]:
    """The names in `OPENAI_CUSTOM_HEADERS`, in lower case."""
    lines = os.environ.get(_CUSTOM_HEADERS, "").split("\n")
    return frozenset(line.partition(":")[0].strip().lower() for line in lines if ":" in line)


def _key(server: Server) -> str:
    return os.environ.get(server.key_variable, "").strip()


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _same_origin(url: str, other: Any) -> bool:
    try:
        return _origin(url.strip()) == _origin(str(other).strip())
    except ValueError:  # no port
        return False


def _is_hosted(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and _of_openai(parts.hostname or "")


def _of_openai(host: str) -> bool:
    return host == "openai.com" or host.endswith(".openai.com")
