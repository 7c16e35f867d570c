"""What goes over the wire: the page's own script and style, and a second of speech beside a second of film."""

import re
import tempfile
import urllib.request
from pathlib import Path

from personify.eval.chat import CHARACTERS, QUESTIONS
from personify.eval.speed import Figure
from personify.eval.web.process import AppProcess
from personify.eval.web.visitor import Visitor
from personify.pipelines import Avatar, Studio

OWN_KB = 150.0
_ENTRY = ("main.js", "style.css")
_NAMED = re.compile(r"""["']\./([\w.-]+\.(?:js|css))["']""")


def own_files(url: str) -> dict[str, int]:
    """The page's own scripts and styles with their bytes as the app at `url` serves them, before they are packed: what
    it begins with and all that they name, also what is loaded only once it is wanted."""
    found: dict[str, int] = {}
    wanted = list(_ENTRY)
    while wanted:
        name = wanted.pop()
        if name not in found:
            with urllib.request.urlopen(f"{url}/personify/live/{name}", timeout=30) as answer:
                content = answer.read()
            found[name] = len(content)
            wanted += _NAMED.findall(content.decode("utf-8"))
    return found


def speech_bytes(url: str, avatar: Avatar, questions: int = 6) -> tuple[float, float]:
    """Bytes for a second of speech of an avatar on the app's shelf: of its replies on the wire, all their pieces
    together, and of the same said in clips."""
    studio = Studio(llm="builtin")
    with Visitor(url) as visitor, tempfile.TemporaryDirectory() as folder:
        visitor.open(avatar.folder.name)
        answers = [visitor.say(question) for question in QUESTIONS[:questions]]
        clips = [studio.say(avatar, one.text, out=Path(folder) / f"{i}.mp4") for i, one in enumerate(answers)]
        streamed = sum(one.bytes for one in answers) / sum(one.sound_s for one in answers)
        return streamed, sum(clip.path.stat().st_size for clip in clips) / sum(clip.seconds for clip in clips)


def figures() -> list[Figure]:
    """What was measured, beside what it may be."""
    with AppProcess(warm=False) as app:
        avatar = Studio(llm="builtin").create(CHARACTERS[0], seed=7, expert="sketch", out=app.shelf)
        own = own_files(app.url)
        streamed, filmed = speech_bytes(app.url, avatar)
    beside = f"an MP4 takes {filmed / 1000:.1f} kB"
    note = f"{len(own)} files, as they are served"
    return [
        Figure("own script and style", round(sum(own.values()) / 1000, 1), "kB", OWN_KB, note),
        Figure("sent for a second of speech", round(streamed / 1000, 2), "kB", round(filmed / 1000, 2), beside),
    ]
