"""Characters in languages other than English, from the simpler frames of `lexicon/tongue_*.toml`."""

import re
from dataclasses import dataclass

from personify.pipelines.builtin.grammar import capital
from personify.pipelines.builtin.lexicon import Temperament, Tongue, lexicon
from personify.pipelines.builtin.prose import Cast
from personify.pipelines.builtin.scanning import bare_noun, russian_adjective
from personify.pipelines.persona import DailyMoment


@dataclass(frozen=True)
class Texts:
    """Every free text of a persona."""

    nature: str
    occupation: str | None
    home: str
    traits: tuple[str, ...]
    values: tuple[str, ...]
    likes: tuple[str, ...]
    dislikes: tuple[str, ...]
    backstory: str
    routine: tuple[DailyMoment, ...]
    manner: str
    samples: tuple[str, ...]
    greeting: str


def write_texts(cast: Cast) -> Texts:
    """All texts in the language of the reading, which has a tongue."""
    reading, rng = cast.reading, cast.rng
    tongue = lexicon().tongues[reading.language]
    group = tongue.groups[cast.temperaments[0].group]
    noun, feminine = _noun(cast, tongue)
    adjectives = [_adjective(temper, tongue, noun, feminine) for temper in cast.temperaments]
    adjectives = [adjective for adjective in adjectives if adjective] or [group["adjective"]]
    fields = {"name": cast.name, "noun": noun, "adj": adjectives[0], "bare": bare_noun(noun, tongue.code)}
    loves = list(reading.loves)
    if loves:
        greeting = rng.choice(tongue.greetings_interest).format(
            x=loves[0], opening=rng.choice(group["openings"]), **fields
        )
    else:
        greeting = rng.choice(tongue.greetings).format(opening=rng.choice(group["openings"]), **fields)
    said = [rng.choice(tongue.backstories).format(home=rng.choice(tongue.homes), **fields)]
    said += [line.format(x=loves[0]) for line in rng.sample(tongue.love_lines, 1) if loves]
    said += rng.sample(group["samples"], 1)
    role = _role(cast, tongue, feminine)
    parts = (tongue.mornings, tongue.afternoons, tongue.evenings)
    return Texts(
        nature=fields["bare"],
        occupation=role,
        home=rng.choice(tongue.homes),
        traits=tuple(dict.fromkeys([*adjectives, *group["traits"]])),
        values=tuple(rng.sample(tongue.values, 2)),
        likes=tuple(
            dict.fromkeys([*loves, *rng.sample([item for item in tongue.likes if item not in reading.hates], 3)])
        ),
        dislikes=tuple(
            dict.fromkeys(
                [
                    *reading.hates,
                    *reading.fears,
                    *rng.sample([item for item in tongue.dislikes if item not in loves], 3),
                ]
            )
        ),
        backstory=_join(said, tongue.code),
        routine=tuple(
            DailyMoment(time=f"{hour:02}:{rng.choice((0, 15, 30)):02}", activity=capital(rng.choice(part)))
            for hour, part in zip((7, 14, 21), parts, strict=True)
        ),
        manner=group["manner"],
        samples=tuple(rng.sample(group["samples"], min(4, len(group["samples"])))),
        greeting=greeting,
    )


def _join(lines: list[str], code: str) -> str:
    return ("" if code == "zh" else " ").join(lines)


def _noun(cast: Cast, tongue: Tongue) -> tuple[str, bool]:
    """(the thing with its article, whether the noun is feminine); without a translation it keeps the user's word."""
    lex, reading = lexicon(), cast.reading
    written = None
    if reading.concept:
        written = lex.translate("concepts", reading.concept.word, tongue.code)
    elif reading.role:
        written = lex.translate("roles", reading.role.word, tongue.code)
    forms = (written or reading.nature).split(",")[0].strip().split("/")
    form = forms[1] if len(forms) > 1 and cast.gender == "feminine" else forms[0]
    return form, _is_feminine(form, tongue.code, default=cast.gender == "feminine")


def _is_feminine(noun: str, code: str, *, default: bool) -> bool:
    if code == "ru":
        return noun.endswith(("а", "я")) and noun not in ("дедушка", "мужчина", "папа", "юноша", "судья")
    if re.match(r"(?:una|une|uma|eine|un'|un’)\s*", noun):
        return True
    return False if re.match(r"(?:un|uno|um|ein)\s", noun) else default


def _adjective(temper: Temperament, tongue: Tongue, noun: str, feminine: bool) -> str:
    """The temper's adjective in the form that goes with the noun, or "" where it has no translation."""
    written = lexicon().translate("temperaments", temper.word, tongue.code)
    if not written:
        return ""
    forms = written.split(",")[0].strip().split("/")
    if tongue.code == "ru":
        masculine, fem, neuter = russian_adjective(forms[0])
        return fem if feminine else neuter if noun.endswith(("о", "е")) else masculine
    return forms[1] if len(forms) > 1 and feminine else forms[0]


def _role(cast: Cast, tongue: Tongue, feminine: bool) -> str | None:
    if not cast.reading.role:
        return None
    written = lexicon().translate("roles", cast.reading.role.word, tongue.code)
    if not written:
        return cast.reading.role.word
    forms = written.split(",")[0].strip().split("/")
    return bare_noun(forms[1] if len(forms) > 1 and feminine else forms[0], tongue.code)
