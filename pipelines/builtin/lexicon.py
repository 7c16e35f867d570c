"""The lexicon: the TOML tables of `pipelines/lexicon` as checked, frozen values; knows nothing about descriptions."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from personify.voices.errors import PersonifyError

FOLDER = Path(__file__).parents[1] / "lexicon"

_DRAWN = """
airplane alien apple armchair avocado axe backpack banana barrel bat battery bear bed bee bell bench bicycle boat
bonsai book bookshelf boot bottle bread briefcase broccoli broom bucket burger bus butterfly cactus cake calculator
camera candle cap car cardboard_box carrot castle cat caterpillar chair cheese cherry chicken child circus_tent clock
cloud clover coconut coin_purse cookie corn cow crab crocodile crown cupcake cushion deer desk dice dog donut door
dragon dress drum duck duffel_bag eagle egg eggplant elephant envelope fairy fish flame flower fork fox fridge frog
frying_pan gamepad gem ghost gift gingerbread_man giraffe globe goat grapes guitar hammer handbag hat headphones
hedgehog hippo horse hot_air_balloon hourglass house ice_cream igloo jacket jellyfish kangaroo kettle key knife
ladybug lamp lemon light_bulb lighthouse lightning lion lizard llama loudspeaker mailbox man mirror mitten monitor
monkey monster moon motorcycle mountain mouse mug mummy mushroom notebook octopus onion owl padlock palm parrot pear
pencil penguin piano picture_frame pig pineapple pirate pizza planet potato potted_plant printer pumpkin rabbit
raccoon radio raindrop rhino ring robot rocket rose sack saw scarf scissors seal seedling sheep shirt shopping_bag
shovel snail snake sneaker snowflake snowman sock songbird spider spoon squirrel stapler star stool strawberry
suitcase sun superhero sushi swan table teapot telephone tent toaster toilet tomato tornado tractor traffic_light
train treasure_chest tree trumpet tulip turtle umbrella unicorn unicycle vampire vase violin washing_machine
watermelon whale wheel window wizard wolf woman wrench zombie
"""
ARCHETYPES = frozenset(_DRAWN.split())
"""The drawings that the sketch offers; `tests/test_agreement.py` holds them to its registry."""

Entry = TypeVar("Entry")
Words = tuple[str, ...]
Shifts = tuple[float, ...]


@dataclass(frozen=True)
class Concept:
    """A thing that a character can be.

    `colours` are alternatives for the main colour; one alternative may hold several colours parted by "/".
    `facts` are first-person sentences without the full stop, the thing's own before those of its family; `habits`
    three first-person verb phrases for morning, afternoon and night. `archetype` is always one of `ARCHETYPES`.
    """

    word: str
    category: str
    archetype: str
    colours: Words
    materials: Words
    home: str
    facts: Words
    likes: Words
    dislikes: Words
    habits: Words
    size: str = "medium"
    surnames: Words = ()
    aliases: Words = ()
    plural: str = ""
    gender: str = ""
    age: str = ""


@dataclass(frozen=True)
class Role:
    """A life: what a character does or did. Shifts as in `Temperament`.

    `archetype` is a drawing of its own, costume and all, for a character that is nothing but this role.
    """

    word: str
    aliases: Words
    facts: Words
    values: Words
    likes: Words
    dislikes: Words
    routine: Words
    phrases: Words
    accessories: Words = ()
    titles: Words = ()
    surnames: Words = ()
    tempers: Words = ()
    features: Words = ()
    timbre: Words = ()
    colours: Words = ()
    archetype: str = ""
    setting: str | None = None
    gender: str = ""
    age: str = ""
    big_five: Shifts = (0, 0, 0, 0, 0)
    voice: Shifts = (0, 0, 0)


@dataclass(frozen=True)
class Temperament:
    """A temper. `big_five` shifts O C E A N and `voice` shifts pitch, pace and energy, all from 0.5."""

    word: str
    words: Words
    group: str
    expression: str
    big_five: Shifts
    voice: Shifts
    timbre: Words
    traits: Words
    values: Words
    likes: Words
    dislikes: Words
    manner: str
    openings: Words
    tails: Words
    samples: Words
    reasons: Words


@dataclass(frozen=True)
class Interest:
    """Something to love: `tails` finish a greeting after "and", `likes` are noun phrases, `evening` a verb phrase."""

    word: str
    aliases: Words
    facts: Words
    tails: Words
    likes: Words
    evening: str
    setting: str | None = None


@dataclass(frozen=True)
class Tongue:
    """One language other than English: what its descriptions say and what its characters say; see `tongue_es.toml`."""

    code: str
    articles: Words
    stop: Words
    loves: Words
    hates: Words
    fears: Words
    named: Words
    genders: Mapping[str, Words]
    ages: Mapping[str, Words]
    names: Mapping[str, Words]
    surnames: Words
    greetings: Words
    greetings_interest: Words
    backstories: Words
    love_lines: Words
    likes: Words
    dislikes: Words
    values: Words
    mornings: Words
    afternoons: Words
    evenings: Words
    homes: Words
    groups: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Lexicon:
    """All tables, each by its English word."""

    concepts: Mapping[str, Concept]
    roles: Mapping[str, Role]
    temperaments: Mapping[str, Temperament]
    interests: Mapping[str, Interest]
    words: Mapping[str, Any]
    english: Mapping[str, Any]
    translations: Mapping[str, Mapping[str, Mapping[str, str]]]
    tongues: Mapping[str, Tongue]
    names: Mapping[str, Mapping[str, list[str]]]

    def translate(self, kind: str, word: str, language: str) -> str | None:
        """The translation of one word of a table, as it is written there, or None where there is none."""
        return self.translations[kind].get(word, {}).get(language)


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once a process. Raises `PersonifyError` naming the file and the key where a table is wrong."""
    words = _read(FOLDER / "words.toml")
    tongues = {path.stem.removeprefix("tongue_"): path for path in sorted(FOLDER.glob("tongue_*.toml"))}
    return Lexicon(
        concepts=_concepts(words["stand_ins"]),
        roles=_entries(Role, FOLDER / "roles.toml"),
        temperaments=_entries(Temperament, FOLDER / "temperaments.toml"),
        interests=_entries(Interest, FOLDER / "interests.toml"),
        words=words,
        english=_read(FOLDER / "english.toml"),
        translations=_read(FOLDER / "translations.toml"),
        tongues={code: _entry(Tongue, {"code": code} | _read(path), path) for code, path in tongues.items()},
        names=_read(FOLDER / "names.toml"),
    )


def drawable_archetype(name: str, stand_ins: Mapping[str, str]) -> str:
    """The archetype itself where the sketch draws it, else what stands in for it. Raises `PersonifyError`."""
    seen = [name]
    while seen[-1] not in ARCHETYPES:
        following = stand_ins.get(seen[-1])
        if following is None or following in seen:
            raise PersonifyError(f"no drawing for archetype {' -> '.join(seen)}; name one under [stand_ins]")
        seen.append(following)
    return seen[-1]


def _concepts(stand_ins: Mapping[str, str]) -> dict[str, Concept]:
    """Every concept of `concepts_<category>[_<part>].toml`, with what it leaves out taken from what it is `like`."""
    written: dict[str, tuple[dict[str, Any], Path]] = {}
    for path in sorted(FOLDER.glob("concepts_*.toml")):
        category = path.stem.split("_")[1]
        for word, values in _read(path).items():
            if word in written:
                raise PersonifyError(f"{path.name} [{word}] is in {written[word][1].name} already")
            written[word] = {"word": word, "category": category} | values, path
    models = _read(FOLDER / "families.toml") | {word: values for word, (values, _) in written.items()}
    found: dict[str, Concept] = {}
    for word, (values, path) in written.items():
        whole = _like(values, models, path)
        try:
            whole["archetype"] = drawable_archetype(whole.get("archetype", ""), stand_ins)
        except PersonifyError as error:
            raise PersonifyError(f"{path.name} [{word}]: {error}") from error
        found[word] = _entry(Concept, whole, path)
    return found


_INHERITED = ("archetype", "materials", "likes", "dislikes", "habits", "size", "gender", "surnames")
"""What a family or another concept lends; facts are added to the thing's own, colours and home are never lent."""
_OWN_FACTS_ENOUGH = 3


def _like(values: dict[str, Any], models: Mapping[str, dict[str, Any]], path: Path) -> dict[str, Any]:
    """`values` with what they leave out taken from the family or concept named by their `like`."""
    whole = dict(values)
    name = whole.pop("like", None)
    if name is None:
        return whole
    model = models.get(name)
    if model is None or "like" in model:
        problem = "is unknown" if model is None else "is itself like another"
        raise PersonifyError(f"{path.name} [{whole['word']}] is like {name!r}, which {problem}")
    for key in _INHERITED:
        if key in model:
            whole.setdefault(key, model[key])
    own = whole.get("facts", [])
    whole["facts"] = own if len(own) >= _OWN_FACTS_ENOUGH else [*own, *model["facts"]]
    return whole


@cache
def english_words() -> frozenset[str]:
    """Every single English word that the lexicon knows, lower case: what tells "cat" from another language's word."""
    lex = lexicon()
    phrases: list[str] = [*lex.words["stop"]]
    for table in (lex.concepts, lex.roles, lex.interests):
        for word, entry in table.items():
            phrases += [word, *entry.aliases]
    for word, temperament in lex.temperaments.items():
        phrases += [word, *temperament.words]
    for section in ("colours", "materials", "accents", "accessories", "features"):
        phrases += lex.words[section]
    return frozenset(part for phrase in phrases for part in phrase.lower().replace("-", " ").split())


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PersonifyError(f"the lexicon table {path.name} is not valid TOML: {error}") from error


def _entries(kind: type[Entry], path: Path, **common: str) -> dict[str, Entry]:
    return {word: _entry(kind, {"word": word} | common | values, path) for word, values in _read(path).items()}


def _entry(kind: type[Entry], values: dict[str, Any], path: Path) -> Entry:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # every Entry here is a dataclass
    unknown = sorted(values.keys() - known)
    if unknown:
        raise PersonifyError(
            f"{path.name} [{values.get('word', '')}] has unknown keys {', '.join(unknown)}; "
            f"known are {', '.join(sorted(known))}"
        )
    frozen = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    try:
        return kind(**frozen)
    except TypeError as error:
        raise PersonifyError(f"{path.name} [{values.get('word', '')}]: {error}") from error
