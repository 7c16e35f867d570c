"""A draft and the built-in writer's persona become one: the model's words where they are fit, the rules' elsewhere.

What the description itself says (a name, a gender, an age, what is loved and hated) is the rules' to decide.
"""

import re
from collections.abc import Mapping
from typing import Any

from personify.pipelines.builtin.cleaning import fold, tokens
from personify.pipelines.builtin.lexicon import lexicon
from personify.pipelines.builtin.reading import Reading
from personify.pipelines.builtin.voicing import PITCH_OF_AGE, PITCH_OF_GENDER
from personify.pipelines.persona import Persona
from personify.pipelines.writing.draft import FIELDS
from personify.pipelines.writing.sense import css_colours
from personify.voices.brief import Age, Gender

PLACES: Mapping[str, str] = {
    **dict.fromkeys(("name", "nature", "gender", "age", "occupation", "home"), "social"),
    **dict.fromkeys(
        ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"), "personal.big_five"
    ),
    **dict.fromkeys(("traits", "values", "likes", "dislikes", "knows"), "personal"),
    **dict.fromkeys(("backstory", "routine"), "life"),
    **dict.fromkeys(("manner", "sample_lines", "reading_level", "greeting"), "speaking"),
    **dict.fromkeys(("pitch", "pace", "energy", "timbre"), "voice"),
    **dict.fromkeys(
        ("concept", "colours", "materials", "features", "expression", "accessories", "setting"), "appearance"
    ),
}
"""Where in the persona a field of the form belongs."""


def place_of(field: str) -> str:
    """The field's place in the persona, such as "social.name"."""
    return f"{PLACES[field]}.{field}"


def merge(base: Persona, reading: Reading, draft: Mapping[str, Any], *, writer: str, notes: tuple[str, ...]) -> Persona:
    """The persona of what is fit of a draft, filled in from `base`; `filled` names what was filled in."""
    told = as_described(base, reading, dict(draft))
    record = base.model_dump()
    for field, value in told.items():
        holder = record
        for part in PLACES[field].split("."):
            holder = holder[part]
        holder[field] = [item.model_dump() for item in value] if field == "routine" else value
    _agree(record, base, told)
    filled = tuple(place_of(field) for field in FIELDS if field not in draft)
    record |= {"writer": writer, "filled": filled, "notes": notes}
    return Persona.model_validate(record)


def as_described(base: Persona, reading: Reading, told: dict[str, Any]) -> dict[str, Any]:
    """The draft without what goes against the description."""
    if reading.name:
        told["name"] = base.name
    if is_said(reading, base.social.gender):
        told["gender"] = base.social.gender
    if base.social.age != "adult" or reading.age:
        told["age"] = base.social.age
    if reading.concept is not None or reading.role is not None:
        told.pop("concept", None)  # the lexicon's word is what the drawings and voices are found by
    if base.language == reading.language:  # else what the lexicon read is in another language than the persona
        if reading.concept is not None or reading.role is not None:
            told.pop("nature", None)
        if reading.role is not None:
            told.pop("occupation", None)
    own_likes, own_dislikes = list(reading.loves), [*reading.hates, *reading.fears]
    if "likes" in told:
        told["likes"] = _own_first(own_likes, told["likes"], own_dislikes)
    if "dislikes" in told:
        liked = [*own_likes, *told.get("likes", base.personal.likes)]
        told["dislikes"] = _own_first(own_dislikes, told["dislikes"], liked)
    return _look_as_described(reading, told)


def _look_as_described(reading: Reading, told: dict[str, Any]) -> dict[str, Any]:
    """What the description says of the look comes first; an empty list says less than the rules know, and is none."""
    if "colours" in told:
        told["colours"] = css_colours(told["colours"])
    described: dict[str, tuple[tuple[str, ...], int]] = {
        "colours": (reading.colours, 3),
        "materials": (reading.materials, 3),
        "accessories": (reading.accessories, 5),
        "features": (reading.features, 5),
    }
    for field, (own, most) in described.items():
        if field in told:
            told[field] = list(dict.fromkeys([*own, *told[field]]))[:most]
    empty = [field for field in ("colours", "materials", "timbre") if not told.get(field, True)]
    return {field: value for field, value in told.items() if field not in empty}


def is_said(reading: Reading, gender: Gender) -> bool:
    """Whether the description or the thing itself settles the gender: then no draw of the rules gives another."""
    import random

    from personify.pipelines.builtin.gender import choose_gender

    return all(choose_gender(reading, random.Random(seed)) == gender for seed in range(8))


def _own_first(own: list[str], told: list[str], against: list[str]) -> list[str]:
    """The description's own, then what was told without what it says otherwise or again."""
    unwanted = {fold(item) for item in against}
    heard = [set(_stems(item)) for item in own]
    more = [
        item for item in told if fold(item) not in unwanted and not any(h and h <= set(_stems(item)) for h in heard)
    ]
    return list(dict.fromkeys([*own, *more]))[:6]


def _stems(phrase: str) -> list[str]:
    return [fold(word).rstrip("s") for word in tokens(phrase) if len(word) > 2]


def _agree(record: dict[str, Any], base: Persona, told: Mapping[str, Any]) -> None:
    """What hangs together is made to: the name in every text, who it is in both briefs, and two likes at least."""
    social, voice, look = record["social"], record["voice"], record["appearance"]
    if social["name"] != base.name:
        _rename(record, base.name, social["name"], told)
    gender: Gender = social["gender"]
    age: Age = social["age"]
    if "pitch" not in told:
        shift = PITCH_OF_GENDER[gender] - PITCH_OF_GENDER[base.social.gender]
        shift += PITCH_OF_AGE[age] - PITCH_OF_AGE[base.social.age]
        voice["pitch"] = round(min(1.0, max(0.0, voice["pitch"] + shift)), 3)
    voice |= {"gender": gender, "age": age}
    look |= {"gender": gender, "age": age}
    if base.social.category == "people" and look["archetype"] in ("woman", "man", "child"):
        grown = {"feminine": "woman", "masculine": "man"}.get(gender, look["archetype"])
        look["archetype"] = "child" if age == "child" else grown if grown != "child" else "woman"
    if gender == "masculine" and gender != base.social.gender and "features" not in told:
        look["features"] = [feature for feature in look["features"] if feature != "long lashes"]
    if gender == "feminine" and gender != base.social.gender and "features" not in told:
        look["features"] = [feature for feature in look["features"] if feature not in ("beard", "moustache")]
    if "concept" in told:
        words = told["concept"].lower()
        known = lexicon().concepts.get(words) or lexicon().concepts.get(words.split()[-1])
        if known is not None and known.category != "people":
            social["category"] = look["category"] = known.category
            look["archetype"] = known.archetype
        voice["nature"] = [told["concept"], *(word for word in voice["nature"] if word != told["concept"])][:5]
    personal = record["personal"]
    for mine, other, own in (("likes", "dislikes", base.personal.likes), ("dislikes", "likes", base.personal.dislikes)):
        lacking = [item for item in own if item not in personal[mine] and item not in personal[other]]
        personal[mine] = [*personal[mine], *lacking[: max(0, 2 - len(personal[mine]))]]


def renamed(persona: Persona, name: str) -> Persona:
    """The persona with another name, in all that it says too."""
    record = persona.model_dump()
    _rename(record, persona.name, name, {})
    record["social"]["name"] = name
    return Persona.model_validate(record)


def _rename(record: dict[str, Any], old: str, new: str, told: Mapping[str, Any]) -> None:
    """The new name in what the built-in writer wrote; the first name alone too, which it says in samples."""
    names = sorted({old, *(word for word in old.split() if len(word) > 2)}, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)")

    def renamed(text: str) -> str:
        whole = text.replace(old, new)
        return whole if whole != text else pattern.sub(lambda _: new.split(maxsplit=1)[0], text)

    life, speaking = record["life"], record["speaking"]
    if "backstory" not in told:
        life["backstory"] = renamed(life["backstory"])
    for field in ("greeting", "manner"):
        if field not in told:
            speaking[field] = renamed(speaking[field])
    if "sample_lines" not in told:
        speaking["sample_lines"] = [renamed(line) for line in speaking["sample_lines"]]
