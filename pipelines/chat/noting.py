"""What a language model keeps of a stretch of conversation: asked as JSON, read with patience, done by rules where its
answer is of no use."""

import json
import re
from typing import TYPE_CHECKING, Any

from personify.pipelines.chat.engine import Context, Fact, Noted, Turn, Usage
from personify.pipelines.chat.prompting import note_prompt
from personify.pipelines.memory.text import one_line
from personify.voices.errors import PersonifyError

if TYPE_CHECKING:
    from personify.pipelines.language_model import LanguageModel

NOTE_TOKENS = 400
_FACTS, _LONGEST_FACT, _LONGEST_SUMMARY, _LONGEST_TURN = 8, 200, 600, 600
_KEY = re.compile(r"[a-z][a-z_ /]{0,30}")
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "summary": {"type": "string"},
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "about": {"type": "string", "enum": ["user", "character"]},
                    "text": {"type": "string"},
                    "key": {"type": ["string", "null"]},
                },
                "required": ["about", "text", "key"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["summary", "facts"],
    "additionalProperties": False,
}


def note(model: "LanguageModel", turns: tuple[Turn, ...], context: Context, usage: Usage) -> Noted:
    """The model's summary and facts of those turns, beside the facts that rules find in what the user said."""
    from personify.pipelines.chat.builtin import BuiltinEngine

    by_rules = BuiltinEngine().note(turns, context, usage)
    said = [{"who": turn.who, "said": one_line(turn.text, _LONGEST_TURN)} for turn in turns]
    told = json.dumps({"conversation": said}, ensure_ascii=False)
    usage.requests += 1
    try:
        answer = model.ask(note_prompt(context.persona), told, schema=_SCHEMA, max_tokens=NOTE_TOKENS)
    except PersonifyError as error:
        usage.notes.append(f"the conversation was summed up by rules: {error}")
        return by_rules
    usage.tokens_in += answer.tokens_in
    usage.tokens_out += answer.tokens_out
    cost = model.server.cost(answer.tokens_in, answer.tokens_out)
    usage.cost = usage.cost if cost is None else (usage.cost or 0.0) + cost
    read = _read(answer.text)
    if read is None:
        usage.notes.append("the conversation was summed up by rules, as the model's notes could not be read")
        return by_rules
    keys = {(fact.about, fact.key) for fact in by_rules.facts}
    new = [fact for fact in read.facts if (fact.about, fact.key) not in keys or fact.key is None]
    return Noted(read.summary or by_rules.summary, (*by_rules.facts, *new))


def _read(text: str) -> Noted | None:
    """The note in an answer, whatever stands around it; None where there is none."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        told = json.loads(found.group()) if found else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not isinstance(told.get("summary"), str):
        return None
    listed = told.get("facts")
    facts = [_fact(each) for each in (listed if isinstance(listed, list) else [])[:_FACTS]]
    return Noted(one_line(told["summary"], _LONGEST_SUMMARY), tuple(fact for fact in facts if fact))


def _fact(told: Any) -> Fact | None:
    if not isinstance(told, dict) or told.get("about") not in ("user", "character"):
        return None
    text = one_line(told["text"], _LONGEST_FACT) if isinstance(told.get("text"), str) else ""
    key = told.get("key")
    key = key.strip().lower() if isinstance(key, str) else ""
    return Fact(told["about"], text, key if _KEY.fullmatch(key) else None) if text else None
