"""Parts of chats that several tests share: engines by hand, and what is left of threads."""

import atexit
import shutil
import tempfile
import threading
import time
from functools import cache

from personify.pipelines import Studio
from personify.pipelines.chat.engine import Noted
from personify.pipelines.chat.pieces import Said, SpeechPiece, TextPiece
from personify.pipelines.services import Services


@cache
def studio():
    return Studio(llm="builtin")


@cache
def teapot():
    """An avatar that is drawn quickly; its folder goes when the tests end."""
    out = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, out, ignore_errors=True)
    return studio().create("a grumpy teapot who loves astronomy", seed=7, expert="sketch", out=out)


@cache
def persona():
    """Who that is, for what needs no face."""
    return Services().write("a grumpy teapot who loves astronomy", seed=7)


class Script:
    """Says what it is given, piece by piece; a callable among the pieces is called, an exception raised."""

    name = "script"
    is_language_model = False

    def __init__(self, *pieces, summary="They talked.", facts=()):
        self.pieces, self.summary, self.facts = pieces, summary, facts
        self.contexts, self.noted, self.closed = [], [], 0

    def reply(self, said, context, usage):
        self.contexts.append((said, context))
        try:
            for piece in self.pieces or (f"You said {said}.",):
                if isinstance(piece, Exception):
                    raise piece
                yield piece() if callable(piece) else piece
        finally:
            self.closed += 1

    def note(self, turns, context, usage):
        self.noted.append(turns)
        return Noted(self.summary, self.facts)


def chat_threads():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("chat-")]


def none_left(within_s=2.0):
    """Whether no thread of a chat is left, soon."""
    until = time.monotonic() + within_s
    while chat_threads() and time.monotonic() < until:
        time.sleep(0.01)
    return not chat_threads()


def text_of(pieces):
    return "".join(piece.text for piece in pieces if isinstance(piece, TextPiece))


def spoken(pieces):
    return [piece.sentence for piece in pieces if isinstance(piece, SpeechPiece)]


def said_of(pieces):
    assert isinstance(pieces[-1], Said)
    return pieces[-1]
