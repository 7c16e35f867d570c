"""One exchange with a server: asked with patience, read within limits, and told in one sentence where it fails.

Knows nothing of what is asked. An answer is read whole: a connection that is lost in the middle is tried again like one
that was never made, and the server's `timeout_s` and `max_bytes` hold for refusals too, as `servers.Server` says.
"""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from personify.voices.errors import PersonifyError
from personify.voices.lines import Line, line_in_use
from personify.voices.servers import Server, client_of
from personify.voices.stopping import current_stop

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
"""Answers after which the same question may find a better one."""
_CONNECT_S = 5.0
_LONGEST_REASON = 160
_T = TypeVar("_T")


class Received(NamedTuple):
    """An answer: its bytes, and what the server calls them (the Content-Type, in lower case)."""

    body: bytes
    kind: str


class Unwanted(Exception):
    """Nobody waits for the answer any more."""


class Refused(PersonifyError):
    """The server answered, and its answer is no: `status` is HTTP's, `reason` its own words, the key crossed out."""

    def __init__(self, message: str, status: int, reason: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


def exchange(
    server: Server, ask: "Callable[[OpenAI], AbstractContextManager[Any]]", unwanted: Callable[[], bool] = lambda: False
) -> Received:
    """What the server answers to `ask`, which starts a streamed request with the client it is given.

    Where `unwanted` says so, it ends early with `Unwanted`. Raises as `attempt`, and where the server says too much.
    """
    deadline = time.monotonic() + server.timeout_s
    return attempt(server, lambda client: _read(server, ask(client), deadline, unwanted), unwanted)


def attempt(server: Server, work: "Callable[[OpenAI], _T]", unwanted: Callable[[], bool] = lambda: False) -> _T:
    """What `work` makes of the client, which times out when the server's time is up; tried again where that may help.

    Where `unwanted` says so, or the line that is in use was cut, it ends early with `Unwanted`, and with `Stopped` at
    once where the thread's work is to stop. Raises `Refused` where the server says no, and `PersonifyError` where it
    can't be reached, lacks its key or is too slow.
    """
    if server.lacks:
        raise PersonifyError(server.lacks)
    with _heeding_stop():
        return _attempt(server, work, unwanted)


@contextmanager
def _heeding_stop() -> Iterator[None]:
    """Within the block a request to stop hangs up on whoever this thread asks, unless it is on a line already."""
    stop = current_stop()
    if stop is None or line_in_use() is not None:
        yield
        return
    stop.check()
    line = Line()
    try:
        with stop.calling(line.cut), line.held():
            yield
    except Exception:
        if not stop.asked:
            raise
    stop.check()


def _attempt(server: Server, work: "Callable[[OpenAI], _T]", unwanted: Callable[[], bool]) -> _T:
    line = line_in_use()
    client = client_of(server, keeps=line is None)
    from httpx2 import HTTPError, Timeout
    from openai import APIError

    deadline = time.monotonic() + server.timeout_s
    for tried in range(server.retries + 1):
        left_s = max(0.01, deadline - time.monotonic())
        try:
            return work(client.with_options(timeout=Timeout(left_s, connect=min(left_s, _CONNECT_S))))
        except (APIError, HTTPError) as error:
            if line is not None and line.is_cut:
                raise Unwanted from None
            pause_s = _pause_s(error, server.backoff_s * 2**tried)
            if pause_s is None or tried == server.retries or time.monotonic() + pause_s > deadline:
                # Without its cause: that is the server's answer word for word, and may hold the key.
                raise told(server, error) from None
        (line.wait if line is not None else time.sleep)(pause_s)
        if unwanted() or (line is not None and line.is_cut):
            raise Unwanted
    raise AssertionError("every last attempt returns or raises")


def told(server: Server, error: Exception) -> PersonifyError:
    """What the client raised, in a sentence for the user."""
    from httpx2 import HTTPError, TimeoutException
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, (APITimeoutError, TimeoutException)):
        return too_slow(server)
    if isinstance(error, APIStatusError):
        return _refused(server, error)
    if isinstance(error, (APIConnectionError, HTTPError)):
        return PersonifyError(_unreachable(server, error))
    reason = _reason(server, getattr(error, "body", None) or str(error))
    return PersonifyError(f"{server.what} at {server.url} stopped in the middle of its answer ({reason})")


def _pause_s(error: Exception, usual_s: float) -> float | None:
    """How long to wait before it is tried again; None where that wouldn't help."""
    from httpx2 import HTTPError, TimeoutException
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, APIStatusError):
        wanted = error.response.headers.get("retry-after", "")
        wanted_s = float(wanted) if re.fullmatch(r"\d+(\.\d+)?", wanted) else 0.0
        return max(wanted_s, usual_s) if error.status_code in _AGAIN else None
    lost = isinstance(error, (APIConnectionError, HTTPError)) and not isinstance(
        error, (APITimeoutError, TimeoutException)
    )
    return usual_s if lost else None


def _read(
    server: Server, asked: AbstractContextManager[Any], deadline: float, unwanted: Callable[[], bool]
) -> Received:
    chunks: list[bytes] = []
    size = 0
    with asked as response:
        for chunk in response.iter_bytes():
            if unwanted():
                raise Unwanted
            size += len(chunk)
            if size > server.max_bytes:
                raise too_much(server)
            if time.monotonic() > deadline:
                raise too_slow(server)
            chunks.append(chunk)
        return Received(b"".join(chunks), response.headers.get("content-type", "").lower())


def parsed(server: Server, received: Received) -> Any:
    """The answer as JSON; `PersonifyError` that quotes its beginning where it is none, or too deep to be read."""
    try:
        return json.loads(received.body)
    except (ValueError, RecursionError):
        raise PersonifyError(
            f"{server.what} at {server.url} answered with no JSON but {quoted(server, received.body)}; is that the "
            "address of an OpenAI-compatible server?"
        ) from None


def quoted(server: Server, body: bytes, length: int = 80) -> str:
    """The beginning of an answer for a message: its first characters on one line, in quotes, without the key."""
    text = server.without_key(body[: 4 * length + 400].decode("utf-8", "replace"))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return repr(text if len(text) <= length else text[:length] + "…")


def too_slow(server: Server) -> PersonifyError:
    """Its time is up."""
    return PersonifyError(
        f"{server.what} at {server.url} did not finish within {server.timeout_s:g} s; see whether it is busy, or raise "
        "its timeout_s"
    )


def too_much(server: Server) -> PersonifyError:
    """It says more than it may."""
    return PersonifyError(
        f"{server.what} at {server.url} sent more than {server.max_bytes:,} bytes for one answer, and the "
        "rest was not read; ask for less at a time, or raise its max_bytes"
    )


def _unreachable(server: Server, error: Exception) -> str:
    """Why no answer came: never connected, or lost in the middle."""
    cause = error.__cause__ or error
    reason = " ".join(str(cause).split()) or type(cause).__name__
    if type(cause).__name__ in ("ConnectError", "ConnectTimeout"):
        return (
            f"{server.what} at {server.url} can't be reached ({reason}); start it, or say where it is with "
            f"{server.variable}"
        )
    return f"{server.what} at {server.url} broke off in the middle of its answer ({reason}); try again, or see its log"


def _refused(server: Server, error: "APIStatusError") -> Refused:
    status, reason = error.status_code, _reason(server, error.body)
    said = f" ({status}: {reason})" if reason else f" ({status})"
    at = f"{server.what} at {server.url}"
    if status in (401, 403):
        # Servers repeat the key that they refuse, also in part: their words stay out.
        message = f"{at} refuses the key in {server.key_variable} ({status}); put a valid one into that variable"
    elif status == 404:
        message = f"{at} knows no such thing{said}; see whether the address and the model {server.model!r} are right"
    elif status == 429:
        message = f"{at} takes no more requests for now{said}; wait a little, or see the limits of your account"
    elif status in _AGAIN or status >= 500:
        message = f"{at} failed{said}; see its log, or try again"
    else:
        message = f"{at} can't do what it was asked{said}"
    return Refused(message, status, reason)


def _reason(server: Server, body: Any) -> str:
    """The server's own words from the shapes that servers put them in: `{"error": {"message": ...}}`, of which the
    client hands on the inside, `{"detail": ...}` as FastAPI writes it, or plain text."""
    for key in ("error", "detail", "message"):
        if isinstance(body, dict) and body.get(key):
            body = body[key]
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, dict):
        body = body.get("msg") or body.get("message") or json.dumps(body, ensure_ascii=False)
    text = re.sub(r"<[^>]*>", " ", body) if isinstance(body, str) else ""
    text = " ".join(server.without_key(text).split())
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
