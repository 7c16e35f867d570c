"""A real browser at the web app: it makes and meets characters, talks with them, and measures what a person notices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from personify.eval.web.chromium import chromium
from personify.eval.web.probe import PROBE
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WAIT_MS = 180_000
_MOVES = 0.05
"""By so much a channel of the mouth changes when the lips begin to move."""

_SOUNDED = "() => probe.onsets.some(({ms}) => ms > probe.sent_ms)"
_RESTS = """() => {
  const frame = document.querySelector(".hero .frame");
  const busy = ["speaking", "thinking"].includes(frame?.dataset.state) || document.querySelector(".line.waiting");
  return !busy && performance.now() > probe.loud_ms + 500;
}"""


@dataclass(frozen=True)
class Reply:
    """A reply as it was heard and seen, from pressing Enter: seconds to the first sound and until the lips move.

    `fps` while it was spoken; `lag_ms` of its frames: how much later than the sound each shows, below 0 sooner.
    `early_ms`: how much sooner than it was meant to the first sound was there.
    """

    sound_s: float
    lips_s: float | None
    fps: float
    lag_ms: tuple[float, ...]
    early_ms: float


@dataclass(frozen=True)
class Made:
    """A character that was made: seconds until it was heard; the longest time with nothing new on screen, and before
    what."""

    greeting_s: float
    gap_s: float
    before: str


@contextmanager
def page_at(url: str, **how: Any) -> Iterator["Page"]:
    """The app's page in a browser of its own."""
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True, **how)
        context.add_init_script(PROBE)
        page = context.new_page()
        page.set_default_timeout(_WAIT_MS)
        page.goto(url)
        page.wait_for_selector("textarea.wish", state="visible")
        page.evaluate("() => probe.watchFace()")
        yield page
        context.close()


def make(page: "Page", description: str) -> Made:
    """Types a description, presses Enter and waits until the character greets."""
    if not page.locator("textarea.wish").is_visible():
        page.get_by_role("button", name="Someone new").click()
    page.locator("textarea.wish").fill(description)
    page.evaluate("() => probe.forget()")
    page.locator("textarea.wish").press("Enter")
    page.wait_for_function(_SOUNDED)
    told = page.evaluate("() => probe.told()")
    sent, heard = told["sent_ms"], _first_onset(told)
    moments = [(sent, "")] + [(one["ms"], one["what"]) for one in told["changes"] if sent < one["ms"] < heard]
    moments.append((heard, "the greeting"))
    gap_ms, before = max((later - sooner, what) for (sooner, _), (later, what) in pairwise(moments))
    rest(page)
    return Made((heard - sent) / 1000, gap_ms / 1000, before)


def meet(page: "Page", name: str) -> None:
    """Opens a character of the shelf, and hears its greeting to the end."""
    page.locator(".shelf").get_by_role("button", name=name).first.click()
    page.wait_for_selector("textarea.say", state="visible")
    page.wait_for_function("() => probe.onsets.length > 0")
    rest(page)


def say(page: "Page", said: str) -> Reply:
    """Says something and hears the whole reply."""
    page.locator("textarea.say").fill(said)
    page.evaluate("() => probe.forget()")
    page.locator("textarea.say").press("Enter")
    page.wait_for_function(_SOUNDED)
    rest(page)
    return read_reply(page.evaluate("() => probe.told()"))


def rest(page: "Page") -> None:
    """Waits until the character has said all."""
    page.wait_for_function(_RESTS)


def read_reply(told: dict[str, Any]) -> Reply:
    """What the probe tells of one reply, as figures."""
    sent, frames = told["sent_ms"], told["frames"]
    heard = [frame for frame in frames if frame["heard_s"] is not None]
    if len(heard) < 2:
        raise PersonifyError(f"the face was drawn {len(heard)} times while it spoke")
    steps = [later["ms"] - sooner["ms"] for sooner, later in pairwise(heard)]
    step_ms = median(steps)
    starts = told["starts"]
    early_s = starts[0]["at_s"] + starts[0]["lead_s"] - told["onsets"][0]["at_s"]
    lags = [
        1000 * (at - frame["heard_s"])
        for frame in heard
        if (at := _position(starts, frame["audible_s"], step_ms / 1000 + early_s)) is not None
    ]
    lips_ms = next(
        (
            frame["ms"] + step_ms  # what is drawn is seen with the next frame
            for resting, frame in pairwise(frames)
            if frame["heard_s"] is not None and _moved(resting["lips"], frame["lips"])
        ),
        None,
    )
    return Reply(
        (_first_onset(told) - sent) / 1000,
        None if lips_ms is None else (lips_ms - sent) / 1000,
        1000 * len(steps) / (heard[-1]["ms"] - heard[0]["ms"]),
        tuple(lags),
        1000 * early_s,
    )


def _position(starts: list[dict[str, float]], audible_s: float | None, later_s: float) -> float | None:
    """Where in the reply the sound is that is heard `later_s` after a moment; None before and after it."""
    if audible_s is None:
        return None
    at_s, begins_s = audible_s + later_s, 0.0
    for start in starts:
        if start["at_s"] <= at_s < start["at_s"] + start["seconds"]:
            return begins_s + at_s - start["at_s"]
        begins_s += start["seconds"]
    return None


def _moved(before: list[float], after: list[float]) -> bool:
    return max(abs(one - other) for one, other in zip(before, after, strict=True)) > _MOVES


def _first_onset(told: dict[str, Any]) -> float:
    return float(next(one["ms"] for one in told["onsets"] if one["ms"] > told["sent_ms"]))
