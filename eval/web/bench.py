"""What people notice of the web app, measured: `python -m personify.eval.web.bench [--part NAME] [--json] [--check]`.

The app runs as a process of its own; a real Chromium, headless and drawing in software, visits it. The parts:
`first-sound` from pressing Enter to the first sound and the first lips that move; `frames` and `lag` while it speaks;
`making` from a description to the greeting; `bytes`; and `load`, twenty who talk at once. `--part` may be repeated.
With `--check` the exit code is 1 where a target is missed.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

from personify.eval.chat import CHARACTERS, QUESTIONS
from personify.eval.speed import Figure, as_report, rows
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from personify.eval.web.visiting import Reply

FIRST_MS, FPS, LAG_MS = 500.0, 30.0, 60.0
_REPLIES = 20


def first_sound() -> list[Figure]:
    """From Enter to sound and to lips."""
    replies = _talk()
    sounds = [1000 * one.sound_s for one in replies]
    lips = [1000 * one.lips_s for one in replies if one.lips_s is not None]
    note = f"{len(replies)} replies, built-in engine"
    found = [
        Figure("send to first sound, median", round(median(sounds), 1), "ms", FIRST_MS, note, tuple(sounds)),
        Figure("send to first sound, worst", round(max(sounds), 1), "ms", FIRST_MS),
    ]
    if len(lips) < len(replies):
        found.append(Figure("replies whose lips did not move", float(len(replies) - len(lips)), "", 0.0))
    if lips:
        found.append(
            Figure("send to first lip motion, median", round(median(lips), 1), "ms", FIRST_MS, "", tuple(lips))
        )
        found.append(Figure("send to first lip motion, worst", round(max(lips), 1), "ms", FIRST_MS))
    return found


def frames() -> list[Figure]:
    """How often the face is drawn while it speaks."""
    fps = [one.fps for one in _talk()]
    note = f"{median(fps):.1f} a second, the slowest reply {min(fps):.1f}"
    return [Figure("between frames of 512 px while it speaks", round(1000 / median(fps), 1), "ms", 1000 / FPS, note)]


def lag() -> list[Figure]:
    """How far lips and sound are apart, over all frames."""
    lags = sorted(each for one in _talk() for each in one.lag_ms)
    apart = sorted(map(abs, lags))
    if not apart:
        raise PersonifyError("no frame was drawn while something was heard")
    note = f"{len(lags)} frames; lips {'after' if median(lags) > 0 else 'before'} the sound in the median"
    return [
        Figure("between lips and sound, median", round(median(apart), 1), "ms", LAG_MS, note),
        Figure("between lips and sound, 95th percentile", round(apart[int(0.95 * len(apart))], 1), "ms", LAG_MS),
    ]


def making() -> list[Figure]:
    """From a description to the greeting."""
    from personify.eval.web import journey

    return journey.figures(journey.measure())


def sizes() -> list[Figure]:
    """What goes over the wire."""
    from personify.eval.web import sizes as measured

    return measured.figures()


def load() -> list[Figure]:
    """Twenty visitors, and a browser beside them."""
    from personify.eval.web import load as measured

    return measured.figures(measured.measure(beside=_look_in))


PARTS: dict[str, Callable[[], list[Figure]]] = {
    "first-sound": first_sound, "frames": frames, "lag": lag, "making": making, "bytes": sizes, "load": load,
}  # fmt: skip


@cache
def _talk() -> tuple["Reply", ...]:
    """One talk in a browser, which several parts read."""
    from personify.eval.web.load import furnish
    from personify.eval.web.process import AppProcess
    from personify.eval.web.visiting import meet, page_at, say

    with AppProcess() as app:
        furnish(app)
        with page_at(app.url) as page:
            meet(page, CHARACTERS[0])
            say(page, "Good evening.")  # warms up
            return tuple(say(page, question) for question in QUESTIONS[:_REPLIES])


def _look_in(url: str) -> list[float]:
    """A browser among the many: its seconds to the first sound."""
    from personify.eval.web.visiting import meet, page_at, say

    with page_at(url) as page:
        meet(page, CHARACTERS[0])
        return [say(page, question).sound_s for question in QUESTIONS[:_REPLIES]]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="this alone; may be repeated")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a target is missed")
    told = parser.parse_args(arguments)
    try:
        found = [figure for part in told.part or PARTS for figure in PARTS[part]()]
    except PersonifyError as error:
        sys.exit(str(error))
    if told.json:
        print(json.dumps(as_report(found), indent=2))  # noqa: T201 - an entry point
    else:
        for what, value, target, state in rows(found):
            print(f"{what:<62} {target:<11} {state:<7} {value}")  # noqa: T201 - an entry point
    if told.check and not all(figure.met for figure in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
