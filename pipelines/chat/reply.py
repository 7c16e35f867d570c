"""One reply on its way: an engine writes it in one thread, a voice speaks it in another, a reader gets the pieces.

Each sentence is spoken, and the face's track for it made, while the next one is being written. All queues are bounded:
who reads slowly lets the engine wait. Whoever stops it, from any thread, hangs up on the engine at once, and when the
reader is done no thread is left.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from personify.pipelines.chat.channel import Channel, Closed
from personify.pipelines.chat.faces import FaceStream
from personify.pipelines.chat.pieces import FacePiece, Piece, SpeechPiece, TextPiece, Trouble
from personify.voices.errors import PersonifyError
from personify.voices.speech import Speech

_log = logging.getLogger(__name__)

_PIECES, _WORDS = 32, 1024
"""How many pieces wait for the reader, and how many pieces of text for the voice."""
_PATIENCE_S = 2.0
"""How long a thread that was stopped is waited for: one that is in the middle of a sound can't be stopped before."""

Write = Callable[[], Iterator[str]]


class Speaks(Protocol):
    """What makes speech of words that come."""

    def speak(self, words: Iterator[str], asked: str = "") -> Iterator[Speech]:
        """One speech a sentence."""
        ...


class Reply:
    """The pieces of one reply, for one reader. `write` begins the engine's words, `voice` speaks them."""

    def __init__(self, write: Write, voice: Speaks, face: Callable[[], FaceStream], asked: str) -> None:
        self._write, self._voice, self._face, self._asked = write, voice, face, asked
        self._pieces: Channel[Piece] = Channel(_PIECES)
        self._words: Channel[str] = Channel(_WORDS)
        self._lock = threading.Lock()
        self._source: Iterator[str] | None = None
        self._stopped = threading.Event()
        self._fault: BaseException | None = None
        self._began = time.monotonic()
        self.text: list[str] = []
        """What was written."""
        self.given: list[Piece] = []
        """The text and speech that the reader has got."""
        self.complete = False
        """Whether all of it was written, spoken and read."""
        self.written = False
        """Whether the engine came to its end."""
        self.mute = False
        """Whether it can't be spoken."""
        self.troubles: list[str] = []
        """What went wrong."""
        self.first_s: float | None = None
        self._threads = (
            threading.Thread(target=self._writing, name="chat-words", daemon=True),
            threading.Thread(target=self._speaking, name="chat-voice", daemon=True),
        )

    @property
    def speeches(self) -> tuple[Speech, ...]:
        """The sound that the reader has got."""
        return tuple(piece.speech for piece in self.given if isinstance(piece, SpeechPiece))

    @property
    def seconds(self) -> float:
        """Since it was asked for."""
        return time.monotonic() - self._began

    def pieces(self) -> Iterator[Piece]:
        """The pieces as they come, until it is complete or stopped. Once. What an engine or a voice raises that is no
        `PersonifyError` is raised here."""
        for thread in self._threads:
            thread.start()
        try:
            for piece in self._pieces:
                if isinstance(piece, (TextPiece, SpeechPiece)):
                    self.given.append(piece)
                yield piece
            if self._fault is not None:
                raise self._fault
            self.complete = self.written and not self._stopped.is_set()
        finally:
            self.stop()
            for thread in self._threads:
                thread.join(_PATIENCE_S)

    def stop(self) -> None:
        """Ends it now: the engine is hung up on, and no piece comes any more."""
        self._stopped.set()
        self._pieces.close()
        self._words.close()
        with self._lock:
            source = self._source
        _close(source)

    def _writing(self) -> None:
        """The engine's words, to the reader and to the voice."""
        try:
            source = self._write()
            with self._lock:
                self._source = source
            if self._stopped.is_set():  # by whom there was no source for yet to hang up on
                raise Closed
            for text in source:
                if self._stopped.is_set():
                    break
                if text:
                    self.text.append(text)
                    self._pieces.put(TextPiece(text))
                    self._words.put(text)
            else:
                self.written = not self._stopped.is_set()  # who was hung up on ends too
        except Closed:
            pass
        except PersonifyError as error:
            self._tell(str(error))
        except Exception as error:  # noqa: BLE001 - handed to the reader, who raises it
            self._fault = error
        finally:
            with self._lock:
                open_still, self._source = self._source, None
            _close(open_still)
            self._words.end()

    def _speaking(self) -> None:
        """The voice's speech, sentence by sentence, each with what the face does."""
        words = iter(self._words)
        try:
            self._speak(words)
        except Closed:
            pass
        except PersonifyError as error:
            self.mute = True
            self._tell(f"it can't be heard: {error}")
        except Exception as error:  # noqa: BLE001 - handed to the reader, who raises it
            self._fault = self._fault or error
        finally:
            for _ in words:  # what can't be spoken is written to its end none the less
                pass
            self._pieces.end()

    def _speak(self, words: Iterator[str]) -> None:
        face: FaceStream | None = None
        at_s = 0.0
        for index, speech in enumerate(self._voice.speak(words, self._asked)):
            if self.first_s is None:
                self.first_s = self.seconds
            self._pieces.put(SpeechPiece(speech, speech.text, index, at_s))
            at_s += speech.duration_s
            face = face or self._face()
            self._show(face.push(speech))
        if face is not None:
            self._show(face.end())

    def _show(self, piece: FacePiece) -> None:
        if len(piece.values):
            self._pieces.put(piece)

    def _tell(self, message: str) -> None:
        _log.info("%s", message)
        self.troubles.append(message)
        with contextlib.suppress(Closed):
            self._pieces.put(Trouble(message))


def _close(source: Iterator[str] | None) -> None:
    """Hangs up; a generator that is in the middle of a piece can't be closed by another thread, and is when it is out
    of it."""
    close = getattr(source, "close", None)
    if close is not None:
        with contextlib.suppress(ValueError):
            close()
