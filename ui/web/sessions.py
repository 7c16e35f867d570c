"""Who is using the app right now: a session is one open page, or one caller of the API, with all that belongs to it."""

import logging
import secrets
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personify.ui.web.files import Files, Shown
from personify.ui.web.limits import Rates, TooBusy
from personify.ui.web.settings import WebSettings
from personify.voices.stopping import Stop

if TYPE_CHECKING:
    from personify.pipelines import Avatar, Studio
    from personify.pipelines.chat.chat import Chat
    from personify.pipelines.persona import Persona

_LOG = logging.getLogger(__name__)
_EVICTED_AFTER_S = 120.0
"""When every place is taken, who did nothing for so long makes room."""
_FETCHED_AFTER_S = 10.0
"""And after that long whoever can't come back to a session: a call's files have been fetched by then."""
_SHARED = 10
"""So many times what one session may do may be done from one place, however many sessions are opened there."""
_MOST_SOURCES = 10_000


class Session:
    """One open page: its token, its files, the avatar it has met and their chat. Safe to share between threads."""

    def __init__(
        self,
        hash_: str,
        owner: str,
        user: str,
        folder: Path,
        settings: WebSettings,
        studio: "Studio",
        *,
        source: str = "",
        shared: Rates | None = None,
        fleeting: bool = False,
    ) -> None:
        self.token = secrets.token_urlsafe(16)
        self.hash, self.owner, self.user, self.folder = hash_, owner, user, folder
        self.files = Files(folder / "files")
        self.persona: Persona | None = None
        """Of whom it is making, as soon as that is written, before there is an avatar."""
        self.page: Any = None
        """Its page, which is the page's own: nobody else keeps it, so that it goes with the session."""
        self.stop: Stop | None = None
        """Of the work that is being done for it."""
        self.replying = 0
        self.studio = studio
        self._settings = settings
        self._avatar: Avatar | None = None
        self._chat: Chat | None = None
        self._lock = threading.RLock()
        self._closed = False
        self._used = time.monotonic()
        self.limits = _rates(settings)
        self.source, self.fleeting, self._shared = source, fleeting, shared

    @property
    def avatar(self) -> "Avatar | None":
        """Whom it has met."""
        return self._avatar

    @property
    def chat(self) -> "Chat | None":
        """Their chat, while it is open."""
        return self._chat

    @property
    def idle_s(self) -> float:
        """Since when it has asked for nothing; 0 while something is being done for it."""
        return 0.0 if self.stop is not None or self.replying else time.monotonic() - self._used

    def touch(self) -> None:
        """It is in use."""
        self._used = time.monotonic()

    def allow(self, kind: str) -> None:
        """Counts one "reply", "make", "hear" or "try". Raises `TooQuick` where it is one too many."""
        self.limits.allow(kind)
        if self._shared is not None:
            self._shared.allow(kind)

    def meet(self, avatar: "Avatar") -> "Chat":
        """Opens the chat with this avatar, ready to answer at once; the one before is closed.

        Where that was with the same character, another face or voice of it say, the talk goes on.
        """
        before = self._chat
        goes_on = before is not None and before.avatar.key == avatar.key and before.history
        history: dict[str, Any] = {"before": before.history} if before is not None and goes_on else {}
        chat = self.studio.chat(avatar, user=self.user, memory=self._settings.memory, **history)
        try:
            chat.warm()
        except BaseException:
            chat.close()
            raise
        with self._lock:
            closed, before = self._closed, self._chat
            if not closed:
                self._avatar, self._chat = avatar, chat
                self.persona = None
        if before is not None and not closed:
            before.close(goes_on=bool(goes_on) and not before.earlier)
        if closed:
            chat.close()
        return chat

    def leave(self) -> None:
        """Closes the chat, if there is one."""
        with self._lock:
            chat, self._chat, self._avatar = self._chat, None, None
        if chat is not None:
            chat.close()

    def halt(self) -> None:
        """Stops what is being done for it: the work, and the reply."""
        stop, chat = self.stop, self._chat
        if stop is not None:
            stop.ask()
        if chat is not None:
            chat.interrupt()

    def close(self) -> None:
        """Stops all, forgets its files and removes its folder. Once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.files.clear()
        try:
            self.halt()
            self.leave()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def _rates(settings: WebSettings, times: int = 1) -> Rates:
    replies, makes = settings.limits.replies_per_minute, settings.makes_per_hour
    allowed = dict.fromkeys(("reply", "hear", "try"), (times * replies, 60.0))
    return Rates(allowed | ({"make": (times * makes, 3600.0)} if makes else {}))


class Sessions:
    """All sessions of a process. A thread closes those that are idle for longer than the settings allow."""

    def __init__(self, settings: WebSettings, studio: "Studio", folder: Path) -> None:
        self._settings, self._studio, self._folder = settings, studio, folder
        self._by_token: dict[str, Session] = {}
        self._by_hash: dict[tuple[str, str], Session] = {}
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._sweeper: threading.Thread | None = None
        self._hooks: list[Callable[[Session], None]] = []
        self._rates: dict[str, Rates] = {}

    def __len__(self) -> int:
        return len(self._by_token)

    def open(
        self, session_hash: str, owner: str, user: str | None = None, *, source: str = "", fleeting: bool = False
    ) -> Session:
        """The session of a page, which Gradio calls by its hash; a new one where there is none of this owner.

        `source` is where it is asked for, a login or an address, and `fleeting` says that nobody can come back to it.
        Raises `TooBusy` where there are as many as the settings allow, and all in use.
        """
        with self._lock:
            found = self._by_hash.get((session_hash, owner))
            if found is not None:
                found.touch()
                return found
            gone = self._make_room(source)
            folder = self._folder / secrets.token_hex(8)
            folder.mkdir(parents=True, mode=0o700)
            (folder / "files").mkdir()
            session = Session(
                session_hash, owner, user or owner, folder, self._settings, self._studio,
                source=source, shared=self._shared(source), fleeting=fleeting,
            )  # fmt: skip
            self._by_token[session.token] = self._by_hash[session_hash, owner] = session
            self._watch()
        if gone is not None:  # that may take a while, and an event loop may be waiting here
            threading.Thread(target=self._end, args=(gone,), name="web-making-room", daemon=True).start()
        return session

    def of(self, token: str) -> Session | None:
        """The session with that token."""
        with self._lock:
            session = self._by_token.get(token)
        if session is not None:
            session.touch()
        return session

    def by_hash(self, session_hash: str, owner: str | None = None) -> Session | None:
        """The session of a page; with `owner` only if it is theirs."""
        with self._lock:
            if owner is not None:
                return self._by_hash.get((session_hash, owner))
            return next((one for (hash_, _), one in self._by_hash.items() if hash_ == session_hash), None)

    def file(self, token: str, name: str) -> Shown | None:
        """What lies at a file's address, whoever's it is: the address itself is the key."""
        with self._lock:
            sessions = list(self._by_token.values())
        return next(filter(None, (session.files.find(token, name) for session in sessions)), None)

    def all(self) -> list[Session]:
        """All that are open."""
        with self._lock:
            return list(self._by_token.values())

    def close(self, token: str) -> None:
        """Ends a session, if there is one with that token."""
        with self._lock:
            session = self._by_token.get(token)
            if session is None:
                return
            self._forget(session)
        self._end(session)

    def close_all(self, within_s: float | None = None) -> None:
        """Ends all of them, side by side; what isn't done `within_s` goes on by itself."""
        self._ended.set()
        self.halt_all()
        with self._lock:
            sessions = list(self._by_token.values())
            for session in sessions:
                self._forget(session)
        if sessions:
            pool = ThreadPoolExecutor(min(16, len(sessions)), thread_name_prefix="web-closing")
            wait([pool.submit(self._end, session) for session in sessions], timeout=within_s)
            pool.shutdown(wait=False)

    def when_closed(self, call: Callable[[Session], None]) -> None:
        """`call` hears of each session that has ended, whatever ended it."""
        self._hooks.append(call)

    def halt_all(self) -> None:
        """Stops what is being done for any of them."""
        for session in self.all():
            try:
                session.halt()
            except Exception:  # noqa: BLE001 - the others are to be stopped too
                _LOG.exception("a session could not be stopped")

    def sweep(self) -> None:
        """Ends those that were idle for too long."""
        longest_s = self._settings.limits.idle_minutes * 60
        for session in self.all():
            if session.idle_s > longest_s:
                self.close(session.token)

    def _make_room(self, asking: str) -> Session | None:
        """One that was forgotten for another to come, if all places are taken: first who can't come back, then one of
        those who hold more than half of all places, then who did nothing for long."""
        if len(self._by_token) < self._settings.limits.sessions:
            return None
        held = Counter(session.source for session in self._by_token.values())
        source, most = held.most_common(1)[0]
        hogs = source != asking and 2 * most > self._settings.limits.sessions
        for sessions, after_s in (
            ((one for one in self._by_token.values() if one.fleeting), _FETCHED_AFTER_S),
            ((one for one in self._by_token.values() if hogs and one.source == source), 0.0),
            (iter(self._by_token.values()), _EVICTED_AFTER_S),
        ):
            idlest = max(sessions, key=lambda session: session.idle_s, default=None)
            if idlest is not None and idlest.idle_s >= after_s:
                self._forget(idlest)
                return idlest
        raise TooBusy(f"all {self._settings.limits.sessions} places are taken; try again in a minute")

    def _shared(self, source: str) -> Rates | None:
        """What all sessions from one place may do together, where several people may use the app."""
        if not self._settings.is_public or not source:
            return None
        rates = self._rates.pop(source, None) or _rates(self._settings, _SHARED)
        self._rates[source] = rates
        if len(self._rates) > _MOST_SOURCES:
            del self._rates[next(iter(self._rates))]
        return rates

    def _end(self, session: Session) -> None:
        """A session whose end fails mustn't keep others from theirs."""
        calls: list[Callable[[], None]] = [session.close, *(partial(hook, session) for hook in self._hooks)]
        for call in calls:
            try:
                call()
            except Exception:  # noqa: BLE001 - whatever it is, the log has it
                _LOG.exception("a session could not be closed")

    def _forget(self, session: Session) -> None:
        self._by_token.pop(session.token, None)
        self._by_hash.pop((session.hash, session.owner), None)

    def _watch(self) -> None:
        if self._sweeper is None:
            every_s = min(30.0, self._settings.limits.idle_minutes * 60 / 4)
            self._sweeper = threading.Thread(
                target=_repeat, args=(self._ended, every_s, self.sweep), name="web-sweeper", daemon=True
            )
            self._sweeper.start()


def _repeat(ended: threading.Event, every_s: float, call: Callable[[], None]) -> None:
    while not ended.wait(every_s):
        call()
