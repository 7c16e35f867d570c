"""A persona that somebody edited: cleaned and checked like any other, and of one piece with what it was before.

Knows nothing of faces and voices beyond their briefs.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from personify.pipelines.create import read_text
from personify.pipelines.persona import Persona
from personify.voices.errors import BadInput

_LONGEST, _MOST = 4000, 600
"""Characters of a text, and items of a list: a profile has several hundred."""


def follow(before: Persona, edited: Persona | Mapping[str, Any]) -> Persona:
    """The edited persona as it can take the place of `before`.

    Texts lose what no one can see or say. Gender, age and language go over to the briefs that followed them so far, and
    what was changed is no longer counted among what the rules filled in. Raises `BadInput` that names the field, also
    where the description was changed, which tells characters apart.
    """
    told = edited.model_dump() if isinstance(edited, Persona) else dict(edited)
    record = _clean(told)
    record["description"] = told.get("description")
    if told.get("description") != before.description:
        raise BadInput("a character's description stays; make another one with: personify create DESCRIPTION")
    try:
        persona = Persona.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise BadInput(f"the persona can't be changed so: {where}: {first['msg']}") from None
    _check_archetype(before, persona)
    persona = _agreeing(before, persona)
    left = tuple(place for place in persona.filled if _at(persona, place) == _at(before, place))
    return persona.model_copy(update={"filled": left})


def renamed(persona: Persona, name: str) -> Persona:
    """The persona under another name, which takes the old one's place in all that it says of itself.

    Raises `BadInput` for a name that is none.
    """
    new = read_text(name)
    if not new or not any(char.isalnum() for char in new):
        raise BadInput(f"{name[:40]!r} is no name; give at least one letter")
    old = persona.name
    words = sorted({old, *(word for word in old.split() if len(word) > 2)}, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)")

    def said(text: str) -> str:
        return pattern.sub(lambda found: new if found[0] == old else new.split(maxsplit=1)[0], text)

    life, speaking = persona.life, persona.speaking
    return persona.model_copy(
        update={
            "social": persona.social.model_copy(update={"name": new}),
            "life": life.model_copy(update={"backstory": said(life.backstory)}),
            "speaking": speaking.model_copy(
                update={
                    "manner": said(speaking.manner),
                    "greeting": said(speaking.greeting),
                    "sample_lines": tuple(said(line) for line in speaking.sample_lines),
                }
            ),
            "profile": tuple(each.model_copy(update={"text": said(each.text)}) for each in persona.profile),
        }
    )


def _clean(value: Any) -> Any:
    """Every text in it as it can be shown and said, of bounded length."""
    if isinstance(value, str):
        if len(value) > _LONGEST:
            raise BadInput(f"a text of {len(value):,} characters is too long for a persona; at most {_LONGEST:,} fit")
        return read_text(value)
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in list(value.items())[:_MOST]}
    if isinstance(value, list | tuple):
        if len(value) > _MOST:
            raise BadInput(f"a list of {len(value):,} is too long for a persona; at most {_MOST} fit")
        return [_clean(item) for item in value]
    return value


def _check_archetype(before: Persona, persona: Persona) -> None:
    """A drawing that there isn't can't be asked for."""
    if persona.appearance.archetype != before.appearance.archetype:
        from personify.avatar.sketch.registry import find_archetype

        find_archetype(persona.appearance.archetype)


def _agreeing(before: Persona, persona: Persona) -> Persona:
    """With briefs that follow who it is, where they did and weren't changed themselves."""
    voice, look = {}, {}
    for name in ("gender", "age"):
        old, new = getattr(before.social, name), getattr(persona.social, name)
        if new != old:
            if getattr(persona.voice, name) == getattr(before.voice, name):
                voice[name] = new
            if getattr(persona.appearance, name) == getattr(before.appearance, name):
                look[name] = new
    if persona.language != before.language and persona.voice.language == before.voice.language:
        voice["language"] = persona.language
    return Persona.model_validate(
        persona.model_copy(
            update={
                "voice": persona.voice.model_copy(update=voice),
                "appearance": persona.appearance.model_copy(update=look),
            }
        ).model_dump()
    )


def _at(persona: Persona, place: str) -> Any:
    """What stands at a place such as "social.name", or "profile/tastes/food/breakfast"."""
    if place.startswith("profile/"):
        return next((each.text for each in persona.profile if each.path == place.removeprefix("profile/")), None)
    value: Any = persona
    for name in place.split("."):
        value = getattr(value, name, None)
    return value
