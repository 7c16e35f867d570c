"""Whether what a language model wrote makes sense: rules over the fields of a draft, each with its reason in words.

Knows nothing of servers and JSON. A reason is told to the model, which may mend it, and never quotes what was written.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.persona import Persona
from personify.voices.languages import detect_language, language_of_text

SHINGLE = 7
"""So many words in a row of the instructions are a leak."""
SPOKEN = range(3, 46)
"""Words of a greeting; of one that isn't spaced, signs divided by two."""

_SURE_FROM = 9
"""With fewer words the language of a text in Latin letters can't be told."""
_UNSPACED = ("zh", "ja", "th", "my")
_ENGLISH_FIELDS = frozenset(
    {"concept", "timbre", "colours", "materials", "features", "accessories", "setting", "expression"}
)
_NAME = re.compile(r"[^\W\d_][\w'’.&-]*(?:[ ·][\w'’.&-]+){0,5}")


@dataclass(frozen=True)
class Guard:
    """What must not come back: the instructions, word by word, and the sign in them that means nothing.

    Of `asked`, the description, every word may come back: a robot that is said to parse JSON speaks of it.
    """

    instructions: str
    canary: str
    asked: str = ""

    def leaks(self, text: str) -> bool:
        """Whether the text holds the sign, or a stretch of the instructions."""
        if self.canary.lower() in text.lower():
            return True
        words = _plain(text)
        return any(
            tuple(words[i : i + SHINGLE]) in _shingles(self.instructions) for i in range(len(words) - SHINGLE + 1)
        )


def check(draft: dict[str, Any], asked: Persona, guard: Guard) -> dict[str, str]:
    """Why fields of the draft can't be used; `asked` is the built-in writer's persona of the same description."""
    faults: dict[str, str] = {}
    for name, value in draft.items():
        reason = next((why for text in _texts(value) if (why := text_fault(text, guard))), "") or _language_fault(
            name, value, asked.language
        )
        if not reason and (rule := _RULES.get(name)):
            reason = rule(value, draft, asked)
        if reason:
            faults[name] = reason
    return faults


def text_fault(text: str, guard: Guard) -> str:
    """Why a text can't be a character's: a refusal, or something of the instructions; "" if it can."""
    rules = patterns()
    if guard.leaks(text):
        return "it repeats the instructions"
    if any(pattern.search(text) and not pattern.search(guard.asked) for pattern in rules["refusals"]):
        return "it is a refusal or speaks of the model instead of the character"
    if any(pattern.search(text) and not pattern.search(guard.asked) for pattern in rules["leaks"]):
        return "it speaks of the form or the instructions instead of the character"
    return ""


def language_fault(text: str, language: str) -> str:
    """Why a text isn't in the language; "" if it is, or is too short to tell."""
    if language_of_text(text, language) != language:
        return f"it must be in the language {language!r}"
    letters = [letter for letter in text if letter.isalpha()]
    if language in _data()["other_scripts"]:
        own = sum(letter >= "\u0250" for letter in letters)
        return "" if 2 * own >= len(letters) else f"it must be in the language {language!r}"
    if len(text.split()) < _SURE_FROM:
        return ""
    return "" if detect_language(text).split("-")[0] == language else f"it must be in the language {language!r}"


def same_thing(text: str, asked: Persona) -> bool:
    """Whether the text names the thing that was asked for, in the description's word or the lexicon's."""
    known = {asked.social.nature, asked.appearance.concept, asked.description, asked.social.occupation or ""}
    stems = {_stem(word) for phrase in known for word in tokens(phrase)}
    joined = "".join(fold(asked.description).split())
    unspaced = "".join(fold(text).split())
    return any(_stem(word) in stems for word in tokens(text)) or (unspaced >= "\u0250" and unspaced in joined)


@cache
def patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    """The refusals and leaks of `sense.toml`."""
    found: dict[str, tuple[re.Pattern[str], ...]] = {}
    for kind in ("refusals", "leaks"):
        found[kind] = tuple(re.compile(told, re.IGNORECASE) for told in _data()[kind])
    return found


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("personify.pipelines.writing").joinpath("sense.toml").read_text("utf-8"))


@cache
def _shingles(instructions: str) -> frozenset[tuple[str, ...]]:
    words = _plain(instructions)
    return frozenset(tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))


def _plain(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _stem(word: str) -> str:
    plain = fold(word)
    return plain if len(plain) < 4 else plain.removesuffix("es").removesuffix("s")[:6]


def _texts(value: Any) -> list[str]:
    """The texts of a field's value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(getattr(item, "activity", item))]
    return []


def _language_fault(name: str, value: Any, language: str) -> str:
    if name in _ENGLISH_FIELDS:
        latin = all(letter < "\u0250" for text in _texts(value) for letter in text if letter.isalpha())
        return "" if latin else "it must be in English"
    if name in ("name", "nature", "gender", "age", "reading_level"):
        return ""
    return language_fault(". ".join(_texts(value)), language) if _texts(value) else ""


def _name(value: str, draft: dict[str, Any], asked: Persona) -> str:
    letters = "".join(
        char for char in value if unicodedata.category(char)[0] != "M"
    )  # vowels are signs of Hindi letters
    return (
        "" if _NAME.fullmatch(letters) else "it is no name: letters and spaces only, without figures, at most six words"
    )


def _nature(value: str, draft: dict[str, Any], asked: Persona) -> str:
    return "" if same_thing(value, asked) else "it must name the thing that the description asks for"


def _concept(value: str, draft: dict[str, Any], asked: Persona) -> str:
    return _nature(value, draft, asked) if asked.language == "en" else ""  # English beside another language: unproven


def _greeting(value: str, draft: dict[str, Any], asked: Persona) -> str:
    language = asked.language
    words = [word.replace("’", "'") for word in value.lower().replace("-", " ").split()]
    bare = {word.strip(".,;:!?…\"'«»¡¿()") for word in words}
    length = len(words) if language not in _UNSPACED else len(value) // 2
    if length not in SPOKEN:
        return f"it has {length} words; 9 to 20 can be spoken well"
    own = _data()["first_person"].get(language)
    if own and not bare & set(own) and not any(word.partition("'")[0] in own for word in bare):
        return "it must be in the first person"
    if language == "zh" and "我" not in value:
        return "it must be in the first person"
    return other_name(value, str(draft.get("name") or asked.name), language)


def other_name(text: str, name: str, language: str) -> str:
    """A fault where the character gives itself another name than its own."""
    for lead in _data()["names_itself"].get(language, ()):
        if found := re.search(rf"{re.escape(lead)}\s+([^\W\d_][\w'’-]*)", text, re.IGNORECASE):
            own = {fold(word) for word in tokens(name)}
            if found[1][0].isupper() and fold(found[1]) not in own:
                return "it gives another name than the field name"
    return ""


def _backstory(value: str, draft: dict[str, Any], asked: Persona) -> str:
    if len(value) < (60 if asked.language not in _UNSPACED else 20):
        return "it is too short; write six to ten sentences"
    return other_name(value, str(draft.get("name") or asked.name), asked.language)


def _dislikes(value: list[str], draft: dict[str, Any], asked: Persona) -> str:
    liked = {fold(item) for item in draft.get("likes", ())}
    left = [item for item in value if fold(item) not in liked]
    return "" if len(left) >= 2 else "it names what the likes name"


def _colours(value: list[str], draft: dict[str, Any], asked: Persona) -> str:
    return "" if not value or css_colours(value) else "they must be CSS colour names or #rrggbb"


def _setting(value: str | None, draft: dict[str, Any], asked: Persona) -> str:
    from personify.avatar.sketch.backdrops import scene_of

    return "" if value is None or scene_of(value) else "it is no scene that can be drawn"


def css_colours(words: list[str]) -> list[str]:
    """Those of the words that are CSS colours, as CSS writes them."""
    from PIL.ImageColor import colormap

    plain = ["".join(word.lower().split()).replace("-", "") for word in words]
    return [word for word in plain if word in colormap or re.fullmatch(r"#[0-9a-f]{6}", word)]


_RULES: dict[str, Callable[[Any, dict[str, Any], Persona], str]] = {
    "name": _name, "nature": _nature, "concept": _concept, "greeting": _greeting, "backstory": _backstory,
    "dislikes": _dislikes, "colours": _colours,
    "setting": _setting,
}  # fmt: skip
