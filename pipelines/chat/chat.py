"""The chat: one user talks with one avatar. What is said streams back as words, sound and face, and is remembered.

The engine finds the words, `reply.py` speaks them as they come, `keeping.py` holds what is known; this decides what was
heard, which is what the history keeps.
"""

import atexit
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from personify.pipelines.chat.engine import ChatEngine, Context, Remembering, Turn, Usage
from personify.pipelines.chat.faces import FaceStream
from personify.pipelines.chat.heard import heard
from personify.pipelines.chat.keeping import Keeper
from personify.pipelines.chat.pieces import Piece, Said, TextPiece
from personify.pipelines.chat.reply import Reply
from personify.pipelines.chat.voicing import Voice
from personify.pipelines.create import read_text
from personify.voices.errors import BadInput, PersonifyError
from personify.voices.languages import load_languages
from personify.voices.speech import Speech

if TYPE_CHECKING:
    import numpy as np

    from personify.avatar.heads import Head
    from personify.avatar.video import Clip
    from personify.pipelines.bundle import Avatar
    from personify.pipelines.provenance import Provenance, What
    from personify.pipelines.services import Services

LONGEST_SAID = 2000
"""Characters of what a user says that are read; of more, the rest is left out, and the reply's notes say so."""

_open: "weakref.WeakSet[Chat]" = weakref.WeakSet()
"""What is to be closed when the program ends."""


class Chat:
    """A conversation; a context manager. `stream` may be left at any moment, `interrupt` called from any thread.

    Closing it keeps what the session was about in its memory; a program that ends without closing it does so too.
    """

    def __init__(
        self,
        avatar: "Avatar",
        engine: ChatEngine,
        services: "Services",
        memory: Remembering,
        *,
        partner: str | None = None,
        seed: int | None = None,
        before: Iterable[Turn] = (),
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self.avatar = avatar
        self.engine = engine
        self._services, self._on_close = services, on_close
        self._seed = avatar.seed if seed is None else seed
        self._keeper = Keeper(avatar.persona, engine, memory, partner, self._seed)
        self._keeper.history.add(*before)
        self._lock = threading.RLock()
        self._current: _Exchange | None = None
        self._last: _Exchange | None = None
        self._count = self._calls = 0  # of replies; of questions and interruptions
        self._head: Head | None = None
        self._closed = False
        atexit.unregister(_close_all)  # once, however many chats there are
        atexit.register(_close_all)
        _open.add(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def history(self) -> tuple[Turn, ...]:
        """The last turns, oldest first, as they were heard."""
        return self._keeper.history.turns

    @property
    def earlier(self) -> str:
        """What came before them in this session, summed up."""
        return self._keeper.history.earlier

    @property
    def usage(self) -> Usage:
        """What the session took so far, with notes for the user."""
        return self._keeper.usage

    @property
    def greeting(self) -> str:
        """What the character says first."""
        return self.avatar.persona.speaking.greeting

    def warm(self) -> None:
        """Loads what finds words by rules, speaks and moves, so that the first reply needn't wait for it. No language
        model is asked anything."""
        load_languages()
        warm = getattr(self.engine, "warm", None)
        if warm is not None:
            warm()
        elif not self.engine.is_language_model:
            for _ in self.engine.reply(self.greeting, Context(self.avatar.persona), Usage()):
                pass
        for speech in self._voice().speak(iter([self.greeting])):
            self._face(0).push(speech)
            break

    def stream(self, said: str) -> Iterator[Piece]:
        """The reply to what the user says, piece by piece as it comes; the last one is a `Said`.

        A reply that is still coming is interrupted by it. What goes wrong is a `Trouble` among the pieces, and what was
        said by then stays. Raises `BadInput` for what has no words, and once the chat is closed.
        """
        words = read_text(said[: 4 * LONGEST_SAID])
        if not words:
            raise BadInput("there is nothing to answer; say something")
        self._refuse_closed()
        return self._stream(words)

    def reply(self, said: str) -> Said:
        """The whole reply, for who wants no pieces. Raises `PersonifyError` where there is none."""
        *_, end = self.stream(said)
        assert isinstance(end, Said)
        if not end.text:
            raise PersonifyError(end.usage.notes[-1] if end.usage.notes else "there is no answer; ask again")
        return end

    def interrupt(self, spoken_s: float | None = None) -> None:
        """Stops the reply that is coming, at once; from any thread.

        `spoken_s` says how many seconds of its sound were played: the history then keeps the words that were heard by
        then, also of a reply that has come whole and is still being played. Without it, what the reader has got counts
        as heard.
        """
        with self._lock:
            self._calls += 1
            exchange = self._current or self._last
            if exchange is not None and not exchange.over:
                exchange.reply.stop()
                self._settle(exchange, spoken_s)

    def frames(self, speech: Speech | Iterable[Speech] | None = None) -> "Iterator[np.ndarray]":
        """Frames of the avatar saying it, or else the last reply: uint8 RGB (H, W, 3), 25 a second.

        Raises `BadInput` where there was no reply that could be heard.
        """
        from personify.pipelines.services import FPS

        said = self._spoken() if speech is None else speech
        with self._lock:
            self._head = self._head or self._services.head().prepare(self.avatar.portrait)
        seed, expression = self._face_seed(self._count), self.avatar.persona.appearance.expression
        return self._head.animate(said, seed=seed, fps=FPS, expression=expression)

    def film(self, path: str | Path, *, force: bool = False) -> "Clip":
        """The clip of the last reply, as far as it came. Raises `BadInput` where there is none, or where a file is in
        the way without `force`."""
        from personify.avatar.video import write_clip
        from personify.pipelines.credentials import check_credentials
        from personify.pipelines.draft import draft_file, full_path
        from personify.pipelines.provenance import stamp
        from personify.pipelines.services import FPS
        from personify.voices import joined

        check_credentials()
        speech = joined(self._spoken())
        target = full_path(path)
        with draft_file(target, force=force) as work:
            clip = write_clip(work, self.frames(speech), speech, fps=FPS)
            stamp(work, self.provenance("clip"))
        return replace(clip, path=target)

    def provenance(self, what: "What") -> "Provenance":
        """What a sound or a clip of the last reply is to say of how it was made."""
        from personify.pipelines.bundle import now
        from personify.pipelines.provenance import of

        with self._lock:
            tone = self._last.voice.record if self._last else None
        tones = () if tone is None else (tone,)
        return of(self.avatar.record, what, tones=tones, head=self._services.head_name, created=now())

    def close(self, *, goes_on: bool = False) -> None:
        """Ends the session: a reply that is coming is interrupted, and what was talked of is remembered, unless another
        chat `goes_on` with it and will remember it. Once."""
        self.interrupt()
        with self._lock:
            if self._closed:
                return
            self._closed = True
        _open.discard(self)
        try:
            if not goes_on:
                self._keeper.close()
        finally:
            if self._on_close is not None:
                self._on_close()

    def _stream(self, said: str) -> Iterator[Piece]:
        exchange = self._begin(said)
        try:
            yield from exchange.reply.pieces()
        finally:
            end = self._settle(exchange)
            with self._lock:
                self._current = None if self._current is exchange else self._current
            if not self._closed:
                self._keeper.sum_up()
        yield end

    def _begin(self, said: str) -> "_Exchange":
        """What is known is put together, and the reply made ready."""
        with self._lock:
            self._refuse_closed()
            if self._current is not None:
                self.interrupt()
            if self._last is not None:
                self._last.over = True
            self._calls += 1
            call = self._calls
        usage, voice = Usage(), self._voice()
        if len(said) > LONGEST_SAID:
            said = said[:LONGEST_SAID]
            usage.notes.append(f"only the first {LONGEST_SAID:,} characters of what was said were read")
        context = self._keeper.hear(said, usage)  # it may wait for a summary, and nobody who interrupts for that
        with self._lock:
            wanted = call == self._calls
            if wanted and self._current is not None:
                self.interrupt()
            self._count += 1
            count = self._count
            reply = Reply(lambda: self.engine.reply(said, context, usage), voice, lambda: self._face(count), said)
            exchange = _Exchange(said, reply, voice, usage)
            if wanted:
                self._current = self._last = exchange
            else:
                reply.stop()
            return exchange

    def _settle(self, exchange: "_Exchange", spoken_s: float | None = None) -> Said:
        """Writes into the history what was heard of a reply; again where it turns out later that less was."""
        with self._lock:
            if exchange.said is not None and spoken_s is None:
                return exchange.said
            text, cut_off = exchange.heard(spoken_s)
            turn = Turn("character", text, cut_off)
            if exchange.said is None:
                self._keep(exchange, turn)
            elif exchange.turn is not None:
                self._keeper.history.amend(exchange.turn, turn)
                exchange.turn = turn
            reply = exchange.reply
            exchange.said = Said(text, cut_off, exchange.usage, reply.seconds, reply.first_s)
            return exchange.said

    def _keep(self, exchange: "_Exchange", turn: Turn) -> None:
        """A reply's first entry into the history. What an engine could not answer was not said; a reply that was cut
        off before its first word leaves the question."""
        failed = exchange.reply.troubles and not turn.text
        if turn.text:
            self._keeper.history.add(Turn("user", exchange.asked), turn)
            exchange.turn = turn
        elif not failed:
            self._keeper.history.add(Turn("user", exchange.asked))
        exchange.usage.notes += [
            note for note in (exchange.voice.note, *exchange.reply.troubles)
            if note and note not in exchange.usage.notes
        ]  # fmt: skip
        self._keeper.count(exchange.usage)

    def _refuse_closed(self) -> None:
        if self._closed:
            raise BadInput(f"this chat with {self.avatar.name} is closed; begin a new one")

    def _voice(self) -> Voice:
        return Voice(self._services, self.avatar.persona.voice, self.avatar.tone)

    def _face(self, count: int) -> FaceStream:
        return FaceStream(self._face_seed(count), self.avatar.persona.appearance.expression)

    def _face_seed(self, count: int) -> int:
        """Each reply moves in its own way, the same for the same chat."""
        return (self._seed + 7919 * count) % 2**32

    def _spoken(self) -> tuple[Speech, ...]:
        with self._lock:
            speeches = self._last.reply.speeches if self._last else ()
        if not speeches:
            raise BadInput("there is no reply to film yet; say something first")
        return speeches


@dataclass
class _Exchange:
    """What the user asked, and the reply to it: on its way, and once it has ended as it was `said`."""

    asked: str
    reply: Reply
    voice: Voice
    usage: Usage
    said: Said | None = None
    turn: Turn | None = None
    """As it stands in the history."""
    over: bool = False
    """Whether something else was said since: no interruption is meant for it."""

    def heard(self, spoken_s: float | None) -> tuple[str, bool]:
        """What was heard of the reply, and whether there was to be more."""
        reply = self.reply
        whole = "".join(reply.text).strip()
        if reply.complete and spoken_s is None:
            return whole, False
        if reply.mute:
            text = "".join(piece.text for piece in reply.given if isinstance(piece, TextPiece)).strip()
        else:
            text = heard(reply.speeches, spoken_s, self.voice.language)
        if reply.written and text.split() == whole.split():
            return whole, False
        return text, True


def _close_all() -> None:
    for chat in list(_open):
        chat.close()
