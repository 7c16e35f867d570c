"""The judge: a language model that scores one answer from 1 to 5, or says that it is unsure; its answer is read with
patience, and what can't be read is counted as that and never as a score."""

import json
import re
import threading
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from personify.pipelines.chat.engine import Usage
from personify.pipelines.create import read_text
from personify.pipelines.language_model import NoWords
from personify.voices.errors import PersonifyError

State = Literal["scored", "unsure", "unreadable", "failed"]
_REASON_LENGTH = 400
_TOKENS = 400
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string"},
        "score": {"anyOf": [{"type": "integer", "enum": [1, 2, 3, 4, 5]}, {"type": "string", "enum": ["unsure"]}]},
    },
    "required": ["reason", "score"],
    "additionalProperties": False,
}
_UNSURE = re.compile(
    r"\b(?:unsure|not sure|uncertain|can(?:no|['’])t (?:decide|tell|judge)|cannot (?:decide|tell|judge|be judged))\b",
    re.I,
)
_SCALE = re.compile(r"\b1\s*(?:-|–|to|through)\s*5\b", re.I)
"""The scale, told again: "score (1-5): 4"."""
_SCORE = re.compile(
    r"\b(?:score|rating|verdict|grade)\b\W{0,12}(?<![-−])([1-5])(?:\s*/\s*5)?(?![\d.,]*\d)(?!\s*(?:[-–]|to|or)\s*\d)",
    re.I,
)
_OF_FIVE = re.compile(r"(?<![\d.])([1-5])\s*(?:/|out of)\s*5\b", re.I)
_REASON = re.compile(r'"reason"\s*:\s*"((?:[^"\\]|\\.)*)', re.I)


class Judging(Protocol):
    """A language model, as `pipelines/language_model.py` has it."""

    def ask(
        self, system: str, user: str, *, schema: dict[str, Any] | None, max_tokens: int, temperature: float | None
    ) -> Any:
        """The answer; raises `PersonifyError`."""
        ...


class Counted:
    """A judge whose requests and tokens are counted into `usage`; safe to share between threads."""

    def __init__(self, model: Judging) -> None:
        self._model = model
        self._lock = threading.Lock()
        self.usage = Usage()

    def ask(
        self, system: str, user: str, *, schema: dict[str, Any] | None, max_tokens: int, temperature: float | None
    ) -> Any:
        """See `Judging.ask`."""
        answer = self._model.ask(system, user, schema=schema, max_tokens=max_tokens, temperature=temperature)
        server = getattr(self._model, "server", None)
        cost = None if server is None else server.cost(answer.tokens_in, answer.tokens_out)
        with self._lock:
            self.usage.requests += 1
            self.usage.tokens_in += answer.tokens_in
            self.usage.tokens_out += answer.tokens_out
            self.usage.cost = self.usage.cost if cost is None else (self.usage.cost or 0.0) + cost
        return answer


def need_judge(model: Judging) -> None:
    """Raises `PersonifyError` where the judge can't be asked, before a long interview is made for it in vain."""
    try:
        model.ask("You are a judge.", "Are you there? Answer yes.", schema=None, max_tokens=_TOKENS, temperature=0.0)
    except NoWords:  # it was reached; what it makes of an answer is another matter
        return


@dataclass(frozen=True)
class Verdict:
    """What the judge made of one answer; `score` 1 to 5 where `state` is "scored". `said` is its answer, cut, where it
    couldn't be read."""

    state: State
    score: int | None = None
    reason: str = ""
    said: str = ""


def judge(model: Judging, system: str, prompt: str) -> Verdict:
    """Asks at temperature 0, once more where the answer can't be read. Never raises for what the model does."""
    verdict = Verdict("failed")
    for _ in range(2):
        try:
            answer = model.ask(system, prompt, schema=_SCHEMA, max_tokens=_TOKENS, temperature=0.0)
        except PersonifyError as error:
            return Verdict("failed", reason=str(error))
        verdict = read_verdict(answer.text)
        if verdict.state != "unreadable":
            break
    return verdict


def read_verdict(text: str) -> Verdict:
    """The verdict in an answer: its JSON, wherever that stands, else a score or a doubt said in words.

    Of several scores that differ in words none is believed.
    """
    for found in _objects(text):
        keys = {str(key).casefold(): value for key, value in found.items()}
        reason = read_text(str(keys.get("reason") or ""))[:_REASON_LENGTH]
        score = _as_score(keys.get("score"))
        if score == "unsure":
            return Verdict("unsure", None, reason)
        if isinstance(score, int):
            return Verdict("scored", score, reason)
    told = _REASON.search(text)
    reason = read_text(told[1] if told else text)[:_REASON_LENGTH]
    plain = _SCALE.sub("", text)
    scores = {int(digit) for digit in _SCORE.findall(plain) or _OF_FIVE.findall(plain)}
    if len(scores) == 1:
        return Verdict("scored", scores.pop(), reason)
    if not scores and _UNSURE.search(text):
        return Verdict("unsure", None, reason)
    return Verdict("unreadable", said=read_text(text)[:_REASON_LENGTH])


def _objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects in a text that have a score, the last first: models think aloud before they answer."""
    found = []
    decoder = json.JSONDecoder()
    for start in [at for at, char in enumerate(text[:100_000]) if char == "{"][-50:]:
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and any(str(key).casefold() == "score" for key in value):
            found.append(value)
    return found[::-1]


def _as_score(value: Any) -> int | Literal["unsure"] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if value in (1, 2, 3, 4, 5) else None
    if isinstance(value, str):
        word = value.strip().casefold()
        if _UNSURE.search(word) or word in ("n/a", "null", "none", "unknown"):
            return "unsure"
        whole = re.fullmatch(r"([1-5])(?:\.0)?(?:\s*/\s*5)?", word)
        return int(whole[1]) if whole else None
    return None
