"""What a language model is asked for: a flat form, smaller than the persona, read field by field with patience.

Knows nothing of the character: whether a value makes sense is `sense.py`'s.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from personify.avatar.brief import Expression
from personify.pipelines.persona import ReadingLevel
from personify.voices.brief import Age, Gender

_TAG = re.compile(r"<(script|style)\b[^<>]{0,300}>.{0,4000}?</\1\s*>|<[^<>]{0,300}>", re.DOTALL | re.IGNORECASE)
_MARK = re.compile(r"\*\*|__|`+|^\s*(?:[#>*•]+\s+|-\s+)")
_ADDRESS = re.compile(
    r"\b(?:https?|ftp|file|javascript|data):|\.\./|\.\.\\|\bwww\.|(?:^|\s)(?:/[\w.-]+){2,}|\b[A-Z]:\\"
)
_STOPS = ".!?…。！？"
_CLOCK = re.compile(r"(\d{1,2})(?:\s*[:.hH时]\s*(\d{2})?)?(?::\d{2})?\s*([aApP])?\.?[mM]?\.?")
_WORDS_OF_LEVELS = {"very low": 0.1, "low": 0.3, "medium": 0.5, "average": 0.5, "high": 0.7, "very high": 0.9}
_SAME = {
    "female": "feminine", "woman": "feminine", "girl": "feminine", "f": "feminine", "male": "masculine",
    "man": "masculine", "boy": "masculine", "m": "masculine", "none": "neutral", "non-binary": "neutral",
    "nonbinary": "neutral", "other": "neutral", "old": "elderly", "senior": "elderly", "teen": "young",
    "teenager": "young", "middle-aged": "adult", "kid": "child", "simple": "child", "academic": "learned",
}  # fmt: skip


class Unfit(ValueError):
    """A value that is of no use; the message is for whoever gave it."""


def clean_text(value: Any, most: int, least: int = 1) -> str:
    """Words on one line without control characters, tags and markup, cut at a sentence's end where they are too many.

    Raises `Unfit` for what is no text, empty, or holds an address or a path.
    """
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value[:50]):
        value = " ".join(value[:50])
    if not isinstance(value, str):
        raise Unfit("it must be text")
    text = _TAG.sub(" ", value[: 8 * most])
    text = "".join(
        " " if unicodedata.category(char)[0] in "CZ" and char not in "\u200c\u200d" else char for char in text
    )
    text = unicodedata.normalize("NFC", " ".join(_MARK.sub("", text).replace("<", " ").replace(">", " ").split()))
    if len(text) < least or not any(char.isalpha() for char in text):
        raise Unfit("it says nothing")
    if _ADDRESS.search(text):
        raise Unfit("it holds an address or a path")
    if len(text) <= most and len(value) <= 8 * most:
        return text
    end = max(text.rfind(stop, 0, most) for stop in _STOPS)
    if end < most // 4:
        raise Unfit(f"it has more than {most} characters")
    return text[: end + 1]


def _text(most: int) -> BeforeValidator:
    return BeforeValidator(lambda value: clean_text(value, most))


def _words(most: int, count: int) -> BeforeValidator:
    def read(value: Any) -> list[str]:
        if isinstance(value, str):
            value = re.split(r"\s*[,;\n、，；|]\s*", value[: most * count])
        if isinstance(value, dict):
            value = list(value.values())
        if not isinstance(value, list):
            raise Unfit("it must be a list of texts")
        kept: dict[str, str] = {}
        for item in value[: 4 * count]:
            try:
                text = clean_text(item, most).strip(" -–•")
            except Unfit:
                continue
            kept.setdefault(text.casefold(), text)
        return list(kept.values())[:count]

    return BeforeValidator(read)


def _level(value: Any) -> float:
    """A share from 0 to 1: also of a hundred, in percent, or in a word."""
    if isinstance(value, str):
        plain = value.strip().lower()
        if plain in _WORDS_OF_LEVELS:
            return _WORDS_OF_LEVELS[plain]
        try:
            value = float(plain[:20].rstrip("% ")) / (100 if plain.endswith("%") else 1)
        except ValueError:
            raise Unfit("it must be a number from 0 to 1") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 100 or not math.isfinite(value):
        raise Unfit("it must be a number from 0 to 1")
    level = float(value) / 100 if value > 1 and float(value).is_integer() and value > 10 else float(value)
    if not 0 <= level <= 1:
        raise Unfit("it must be a number from 0 to 1")
    return round(level, 3)


def _choice(value: Any) -> Any:
    if not isinstance(value, str):
        raise Unfit("it must be one of the choices")
    plain = value[:60].strip(" .\"'").lower()
    return _SAME.get(plain, plain)


def _optional(validator: BeforeValidator) -> BeforeValidator:
    def read(value: Any) -> Any:
        blank = value is None or (isinstance(value, str) and value.strip(" .-").lower() in ("", "none", "null", "n/a"))
        return None if blank else validator.func(value)  # type: ignore[call-arg]

    return BeforeValidator(read)


def clock(value: Any) -> str:
    """A time of day as HH:MM, however it was written: "7:30 am", "19h", 8."""
    found = _CLOCK.fullmatch(str(value)[:20].strip()) if isinstance(value, (str, int)) else None
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 99)
    if found and found[3]:
        hour = hour % 12 + (12 if found[3] in "pP" else 0)
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise Unfit("a time must be HH:MM")
    return f"{hour:02}:{minute:02}"


def _day(value: Any) -> list[dict[str, str]]:
    """Moments of a day in order: objects of time and activity, lines such as "07:30 - tea", or one object of both."""
    if isinstance(value, dict) and not {"time", "activity"} & set(value):
        value = [f"{time} {act}" for time, act in list(value.items())[:20]]
    if not isinstance(value, list):
        raise Unfit("it must be a list of moments, each with time and activity")
    moments: dict[str, str] = {}
    for item in value[:20]:
        try:
            if isinstance(item, dict):
                moments.setdefault(clock(item.get("time")), clean_text(item.get("activity"), 200))
            elif isinstance(item, str) and (
                parted := re.match(
                    r"([\d:.]{1,5} ?(?:[ap]\.?m\.?)?) ?[-–—:]? ?(.+)", " ".join(item[:400].split()), re.I
                )
            ):
                moments.setdefault(clock(parted[1].strip()), clean_text(parted[2], 200))
        except Unfit:
            continue
    if len(moments) < 3:
        raise Unfit("it must hold three moments or more, each with a time HH:MM and an activity")
    return [{"time": time, "activity": moments[time]} for time in sorted(moments)][:8]


class Moment(BaseModel):
    """One point of the day."""

    model_config = ConfigDict(extra="forbid")

    time: str = Field(description="HH:MM")
    activity: str


Level = Annotated[float, BeforeValidator(_level), Field(ge=0, le=1)]
_Lines = Annotated[list[str], _words(300, 6), Field(min_length=3)]
_English = Annotated[list[str], _words(40, 5)]


class Draft(BaseModel):
    """The form. Every field may be missing of what comes; what each must be is said here and nowhere else."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, _text(60)] = Field(description="what it is called; no title like Mr. unless it suits")
    nature: Annotated[str, _text(60)] = Field(description="the kind of thing it is, in the description's own word")
    concept: Annotated[str, _text(40)] = Field(description="the same in English, one to three words")
    gender: Annotated[Gender, BeforeValidator(_choice)]
    age: Annotated[Age, BeforeValidator(_choice)]
    occupation: Annotated[str | None, _optional(_text(60))] = Field(description="its trade in a word or two, or null")
    home: Annotated[str, _text(160)] = Field(description="where it lives, as a phrase")
    openness: Level
    conscientiousness: Level
    extraversion: Level
    agreeableness: Level
    neuroticism: Level
    traits: Annotated[list[str], _words(80, 6), Field(min_length=3)] = Field(
        description="three to six, a few words each"
    )
    values: Annotated[list[str], _words(80, 4), Field(min_length=1)] = Field(description="one to four")
    likes: Annotated[list[str], _words(80, 6), Field(min_length=2)] = Field(description="three to six noun phrases")
    dislikes: Annotated[list[str], _words(80, 5), Field(min_length=2)] = Field(description="three to five noun phrases")
    knows: Annotated[list[str], _words(60, 8), Field(min_length=2)] = Field(
        description="three to eight things it knows well"
    )
    backstory: Annotated[str, _text(2400)] = Field(description="six to ten sentences in the first person")
    routine: Annotated[list[Moment], BeforeValidator(_day)] = Field(description="four to six moments of its day")
    manner: Annotated[str, _text(240)] = Field(description="how it talks, in one sentence")
    sample_lines: _Lines = Field(description="four or five lines that it might say")
    reading_level: Annotated[ReadingLevel, BeforeValidator(_choice)] = Field(description="how hard its words are")
    greeting: Annotated[str, _text(240)] = Field(
        description="its first words, in the first person, 9 to 20 words, to be spoken"
    )
    pitch: Level = Field(description="of its voice: 0 lowest, 1 highest of all speakers")
    pace: Level = Field(description="0 very slow, 1 very fast")
    energy: Level = Field(description="0 drowsy, 1 bursting")
    timbre: _English = Field(description="English words such as warm, metallic, hoarse")
    colours: _English = Field(description="CSS colour names of what it looks like, the main one first")
    materials: _English = Field(description="English words such as porcelain, fur, felt")
    features: _English = Field(description="English words such as freckles, moustache, wrinkles")
    expression: Annotated[Expression, BeforeValidator(_choice)]
    accessories: _English = Field(description="English words such as spectacles, top hat, scarf")
    setting: Annotated[str | None, _optional(_text(60))] = Field(
        description="the scene behind it: study, kitchen, garden, forest, sea, stage, night sky, city, or null"
    )


FIELDS: tuple[str, ...] = tuple(Draft.model_fields)
MAY_BE_EMPTY = frozenset({"occupation", "setting", "timbre", "colours", "materials", "features", "accessories"})
"""What a character can do without."""


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    kind: Any = Annotated[Draft.__annotations__[name], Draft.model_fields[name]]
    return TypeAdapter(kind)


def read_field(name: str, value: Any) -> Any:
    """The value of one field, cleaned and checked. Raises `Unfit` with the reason."""
    try:
        return _adapter(name).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Unfit(first["msg"].removeprefix("Value error, ")) from None
    except (RecursionError, OverflowError):
        raise Unfit("it is nested too deeply") from None


def read_fields(values: Mapping[str, Any], names: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(what is fit of the fields, why the others aren't)."""
    kept: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name in names:
        if name not in values:
            faults[name] = "it is missing"
            continue
        try:
            kept[name] = read_field(name, values[name])
        except Unfit as error:
            faults[name] = str(error)
    return kept, faults


def schema(names: Iterable[str]) -> dict[str, Any]:
    """The JSON schema of an answer with these fields, in the strict form that servers take: no limits, all required."""
    whole = Draft.model_json_schema()
    names = list(names)
    properties = {name: _bare(whole["properties"][name], whole.get("$defs", {})) for name in names}
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


_SAID = ("type", "enum", "description")


def _bare(told: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in told:
        told = defs[told["$ref"].rsplit("/", 1)[-1]]
        inner = {name: _bare(value, defs) for name, value in told["properties"].items()}
        return {"type": "object", "properties": inner, "required": list(inner), "additionalProperties": False}
    if "anyOf" in told:
        kinds = [part["type"] for part in told["anyOf"]]
        return {"type": kinds} | {key: told[key] for key in ("description",) if key in told}
    kept = {key: told[key] for key in _SAID if key in told}
    return kept | ({"items": _bare(told["items"], defs)} if "items" in told else {})
