"""Whether a sentence agrees with the core of a persona: plain contradictions of a like, a dislike or the age.

Rules that see plain words, in English alone; what they don't see passes.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.persona import Persona


def contradiction(text: str, persona: Persona) -> str:
    """Which core fact an English sentence contradicts: a like, a dislike or the age; "" for none, by rules that see
    plain words only."""
    if persona.language != "en":
        return ""
    rules = _rules()
    stems = {fold(word).rstrip("s") for word in tokens(text)}
    negative = bool(rules["hates"].search(text))
    for liked, phrases in ((True, persona.personal.likes), (False, persona.personal.dislikes)):
        hit = any(own and own <= stems for own in (_content(phrase) for phrase in phrases))
        if hit and (negative if liked else not negative and rules["loves"].search(text)):
            return f"it contradicts what the character {'likes' if liked else 'dislikes'}"
    if (rule := rules.get(persona.social.age)) and rule.search(text):
        return f"it contradicts the character's age ({persona.social.age})"
    return ""


def _content(phrase: str) -> set[str]:
    return {fold(word).rstrip("s") for word in tokens(phrase) if len(word) > 2}


@cache
def _rules() -> dict[str, re.Pattern[str]]:
    told = tomllib.loads(files("personify.pipelines.writing").joinpath("sense.toml").read_text("utf-8"))
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in told["contradictions"].items()}
