"""What goes over the wire: the page's own script and style, and a second of speech beside a second of film."""

import json
import re
import tempfile
from importlib.resources import files
from pathlib import Path

from personify.eval.chat import QUESTIONS
from personify.eval.speed import Figure
from personify.pipelines import Avatar, Studio
from personify.pipelines.chat.pieces import SpeechPiece
from personify.ui.modules import bare
from personify.ui.web.wire import told

OWN_KB = 150.0
_ENTRY = ("main.js", "style.css")
_NAMED = re.compile(r"""["']\./([\w.-]+\.(?:js|css))["']""")


def own_files() -> dict[str, int]:
    """The page's own scripts and styles with their bytes as they are served, before they are packed: what it begins
    with and all that they name, also what is loaded only once it is wanted."""
    folder = files("personify.ui") / "live"
    found: dict[str, int] = {}
    wanted = list(_ENTRY)
    while wanted:
        name = wanted.pop()
        if name not in found:
            content = (folder / name).read_text(encoding="utf-8")
            found[name] = len((bare(content) if name.endswith(".js") else content).encode())
            wanted += _NAMED.findall(content)
    return found


def speech_bytes(questions: int = 6, avatar: Avatar | None = None) -> tuple[float, float]:
    """Bytes for a second of speech: of a reply on the wire, all its pieces together, and of the same as an MP4."""
    studio, streamed, filmed, seconds = Studio(llm="builtin"), 0, 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        avatar = avatar or studio.create("a grumpy teapot who loves astronomy", seed=7, expert="sketch", out=folder)
        with studio.chat(avatar, memory=False) as chat:
            for number, question in enumerate(QUESTIONS[:questions]):
                for piece in chat.stream(question):
                    streamed += len(json.dumps(told(piece, "opus"), ensure_ascii=False).encode()) + 1
                    seconds += piece.speech.duration_s if isinstance(piece, SpeechPiece) else 0.0
                filmed += chat.film(Path(folder) / f"{number}.mp4").path.stat().st_size
    return streamed / seconds, filmed / seconds


def figures() -> list[Figure]:
    """What was measured, beside what it may be."""
    own = own_files()
    streamed, filmed = speech_bytes()
    note = f"{len(own)} files, as they are served"
    beside = f"an MP4 takes {filmed / 1000:.1f} kB"
    return [
        Figure("own script and style", round(sum(own.values()) / 1000, 1), "kB", OWN_KB, note),
        Figure("sent for a second of speech", round(streamed / 1000, 2), "kB", round(filmed / 1000, 2), beside),
    ]
