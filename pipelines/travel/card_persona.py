"""A character card becomes a persona: what the card says is kept, and what it doesn't say is written as for any other.

Two steps: `described` puts who it is into one line, from which a writer makes a whole persona; `settled` then puts the
card's own words in, each cleaned and checked like a language model's.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from personify.pipelines.persona import Attribute, Persona
from personify.pipelines.travel import card_text as texts
from personify.pipelines.travel.card_assets import missing
from personify.pipelines.travel.cards import Card
from personify.pipelines.writing.draft import Unfit, clean_text, read_field
from personify.voices.errors import BadInput

MOST_DESCRIBED = 480
"""Characters of the line that says who it is: a sentence or three, as a user would write it."""
MOST_ATTRIBUTES = 120
LONGEST_NAME = 60
"""Characters of a name, as a writer may give one."""
GREETING, SAMPLE = 240, 200
"""Characters that a greeting may take to be spoken, and a line of examples."""
_LORE = 2000
"""Characters that are read of a lorebook's entry."""
_AGES = ((13, "child"), (27, "young"), (65, "adult"))
_YEARS = re.compile(r"\b(\d{1,6})(?:[- ]?years?[- ]?old)?\b")
_THOUSANDS = re.compile(r"(?<=\d)[,.'’ \u00a0\u202f](?=\d{3}(?!\d))")
_AGELESS = re.compile(
    r"\b(?:decades?|century|centuries|millenni\w+|a?eons?|hundreds?|thousands?|millions?|billions?|immortal|ageless|eternal"
    r"|timeless)\b",
    re.I,
)
_OLDEST = 120
_CLAIM = re.compile(r"(?:he|she|they|it)(?:['’]s| is| are)\b", re.I)
"""How a sentence goes on that says what somebody is."""
_NO_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class CardReading:
    """What a card says of its character, taken apart."""

    card: Card

    @cached_property
    def name(self) -> str:
        """Its name without what no one says: "Lyra | the Elf (v2)" is Lyra."""
        bare = re.split(r"[|/\\(\[{【~#@]|\s[-–—]\s", texts.told(self.card.called, "")[:200])[0]
        for told in (bare, self.card.name[:200]):
            try:
                return _shortened(clean_text(told, 600), LONGEST_NAME).strip(" .,;:'\"") or self._nameless()
            except Unfit:
                continue
        return self._nameless()

    @property
    def written_name(self) -> str:
        """Its name as its texts may have it."""
        return self.card.name[:80]

    def _nameless(self) -> str:
        raise BadInput(f"the card's name {self.card.name[:40]!r} has no letters; give it one that can be said")

    @cached_property
    def described(self) -> texts.Described:
        """Its description and personality, taken apart."""
        return texts.describe(self.card.description, self.written_name, self.name)

    @cached_property
    def personality(self) -> texts.Described:
        """Its personality, which is often a list."""
        return texts.describe(self.card.personality, self.written_name, self.name)

    @cached_property
    def prose(self) -> str:
        """What is told of it in sentences."""
        return self.described.prose or self.personality.prose

    def values(self, what: str) -> list[str]:
        """The values of all attributes that say this, such as "likes"."""
        attributes = (*self.described.attributes, *self.personality.attributes)
        found = [value for each in attributes if texts.meaning(each.key) == what for value in each.values]
        return list(dict.fromkeys(found))

    @cached_property
    def gender(self) -> str | None:
        """By its attribute, else by the pronouns that are used of it where they agree."""
        genders, pronouns = texts.words()["genders"], texts.words()["pronouns"]
        for value in self.values("gender"):
            plain = value.lower().strip(" .♀♂")
            for gender, names in genders.items():
                if plain in names or plain.split(" ")[0].strip("(,") in names:
                    return str(gender)
        heard: Counter[str] = Counter()
        told = " ".join((self.prose, texts.told(self.card.first_mes, self.name), self.scenario))
        for word in re.findall(r"[a-z]+", told.lower()):
            heard.update(gender for gender, names in pronouns.items() if word in names)
        (most, count), (_, other) = (*heard.most_common(2), ("", 0), ("", 0))[:2]
        return most if count >= 2 and count > 3 * other else None

    @cached_property
    def age(self) -> str | None:
        """By its attribute."""
        for told in sorted(self.values("age"), key=lambda value: "look" not in value and "appear" not in value):
            value = _THOUSANDS.sub("", told)
            if _AGELESS.search(value):
                return None
            if years := _YEARS.search(value):
                if int(years[1]) > _OLDEST:  # of an elf that says little of how old she seems
                    return None
                return next((age for below, age in _AGES if int(years[1]) < below), "elderly")
            word = value.lower().strip(" .")
            if word in ("child", "young", "adult", "elderly"):
                return word
        return None

    @cached_property
    def traits(self) -> list[str]:
        """Its traits, of a few words each."""
        listed = self.values("traits")
        if not listed and len(self.personality.prose) < 600:
            listed = re.split(r"[,;\n+]|(?<!\w)and\b", self.personality.prose)
        return [trait for each in listed if 1 <= len((trait := each.strip(" .-*\"'")).split()) <= 6][:6]

    @cached_property
    def scenario(self) -> str:
        """Where it is met, in plain words."""
        return texts.told(self.card.scenario, self.name)

    @cached_property
    def messages(self) -> list[str]:
        """What is said aloud in its first messages."""
        written = (self.card.first_mes, *self.card.alternate_greetings[:5])
        return [texts.spoken(message, self.name, english=_latin(message)) for message in written]

    @cached_property
    def greeting(self) -> str:
        """The first words that it says aloud, or ""."""
        for said in self.messages:
            if len(said.split()) >= 2 or (said and not _latin(said)):
                return texts.first_sentences(said, GREETING)
        return ""

    @cached_property
    def lines(self) -> list[str]:
        """Lines that it says, from its examples first."""
        said = [*texts.dialogue(self.card.mes_example, self.written_name, self.name), *self.described.lines]
        found = [texts.spoken(line, self.name, english=_latin(line)) for line in said[:40]]
        short = [texts.first_sentences(line, SAMPLE) for line in found if line]
        if len(short) < 3:
            for message in self.messages:
                short += texts.sentences(message)[:4]
        fit = [line for line in dict.fromkeys(short) if len(line) > 3 and line != self.greeting]
        return fit[:6]


def described(reading: CardReading) -> str:
    """Who it is in one line, as a user would describe it: what writers, mixtures and folders know it by."""
    kind, job = _first(reading.values("kind"), 3) or _tagged(reading.card), _first(reading.values("occupation"), 5)
    prose = _claims(reading.prose)
    parts = [prose.rstrip(".")] if prose else []
    if prose and not kind and not job:
        parts += [", ".join(trait.lower() for trait in reading.traits[:4])] if reading.traits else []
    else:
        gender = {"feminine": "woman", "masculine": "man"}.get(reading.gender or "", "character")
        thing = " ".join(filter(None, (kind, job))) or (
            "girl" if reading.age == "child" and gender == "woman" else gender
        )
        parts.insert(0, " ".join(["a", *_commas([t.lower() for t in reading.traits[:3]]), thing]))
    if not any(word.casefold() in " ".join(parts).casefold() for word in reading.name.split() if len(word) > 2):
        parts[0] += f" named {reading.name}"
    looks = _looks(reading)
    parts += [f"with {looks}"] if looks else []
    parts += [f"who loves {' and '.join(likes)}"] if (likes := _short(reading.values("likes"))[:2]) else []
    parts += [f"who hates {' and '.join(hates)}"] if (hates := _short(reading.values("dislikes"))[:2]) else []
    line = texts.first_sentences(", ".join(parts), MOST_DESCRIBED + 200)
    try:
        return clean_text(line, 1000)
    except Unfit:
        return f"a character named {reading.name}"


def settled(persona: Persona, reading: CardReading) -> Persona:
    """The persona with the card's own words in it; what the card doesn't say stays as it was written.

    Raises `BadInput` where that makes no persona, as a long name in texts that say it often does.
    """
    try:
        return _settled(persona, reading)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise BadInput(f"no character can be made of the card: {where}: {first['msg']}") from None


def _settled(persona: Persona, reading: CardReading) -> Persona:
    from personify.pipelines.builtin import read_description
    from personify.pipelines.writing.merging import merge
    from personify.pipelines.writing.model_writer import in_language

    told = read_description(persona.description)
    draft = _draft(reading)
    base = in_language(persona, told.unwritten) if "greeting" in draft else persona
    merged = merge(base, told, draft, writer=f"character card, {persona.writer}", notes=persona.notes)
    # The card is who it is: what the rules read out of its description gives way.
    social = {key: draft[key] for key in ("name", "gender", "age") if key in draft}
    merged = _called(merged, social)
    if "greeting" in draft:
        merged = _in_the_greeting_s_language(merged, draft["greeting"])
    profile = (*_profile(reading), *merged.profile)
    notes = (*_notes(reading, told.unwritten), *merged.notes)
    return Persona.model_validate(merged.model_copy(update={"profile": profile, "notes": notes}).model_dump())


def _called(persona: Persona, social: Mapping[Any, Any]) -> Persona:
    from personify.pipelines.editing import renamed

    if social.get("name", persona.name) != persona.name:
        greeting, lines = persona.speaking.greeting, persona.speaking.sample_lines
        persona = renamed(persona, social["name"])
        kept = persona.speaking.model_copy(update={"greeting": greeting, "sample_lines": lines})
        persona = persona if "speaking.greeting" in persona.filled else persona.model_copy(update={"speaking": kept})
    told = {key: value for key, value in social.items() if key != "name"}
    return persona.model_copy(
        update={part: getattr(persona, part).model_copy(update=told) for part in ("social", "voice", "appearance")}
    )


def _in_the_greeting_s_language(persona: Persona, greeting: str) -> Persona:
    from personify.voices.languages import language_of_text

    language = language_of_text(greeting, persona.voice.language)
    voice = persona.voice.model_copy(update={"language": language})
    return persona.model_copy(update={"voice": voice, "language": language})


def _draft(reading: CardReading) -> dict[str, Any]:
    """The fields of the writers' form that the card says, those that are fit."""
    told: dict[str, Any] = {
        "name": reading.name,
        "nature": _first(reading.values("kind"), 3),
        "gender": reading.gender,
        "age": reading.age,
        "occupation": _first(reading.values("occupation"), 6),
        "home": _first(reading.values("home"), 12),
        "traits": reading.traits,
        "values": reading.values("values"),
        "likes": reading.values("likes"),
        "dislikes": reading.values("dislikes"),
        "knows": [*reading.values("knows"), *_topics(reading.card)],
        "backstory": _backstory(reading),
        "manner": _first(reading.values("manner"), 40),
        "sample_lines": reading.lines,
        "greeting": reading.greeting,
    }
    fit = {}
    for field, value in told.items():
        if not value:
            continue
        try:
            fit[field] = read_field(field, value)
        except Unfit:
            continue
    return fit


def _backstory(reading: CardReading) -> str:
    """What is told of it: its past, its prose, then its attributes as sentences."""
    past = " ".join(reading.values("past"))
    shown = [each for each in reading.described.attributes if texts.meaning(each.key) not in ("skip", "past")]
    lists = [f"{each.key[:1].upper()}{each.key[1:]}: {', '.join(each.values)}." for each in shown]
    whole = " ".join(part for part in (past, reading.prose, " ".join(lists)) if part)
    return texts.first_sentences(" ".join(whole.split()), 2300)


def _profile(reading: CardReading) -> tuple[Attribute, ...]:
    """What has no place among the persona's groups: other attributes, the scenario, and the lorebook."""
    card = reading.card
    pairs = [
        (f"card/{_slug(each.key)}", ", ".join(each.values))
        for each in (*reading.described.attributes, *reading.personality.attributes)
        if texts.meaning(each.key) in ("", "looks") and _slug(each.key)
    ]
    pairs += [("card/scenario", reading.scenario)] if card.scenario.strip() else []
    pairs += [
        (f"card/lore/{_slug(keys[0] if keys else '') or number}", texts.told(content[:_LORE], reading.name))
        for number, (keys, content) in enumerate(card.book[:MOST_ATTRIBUTES], 1)
    ]
    kept: dict[str, str] = {}
    for path, text in pairs:
        try:
            kept.setdefault(path, clean_text(texts.first_sentences(" ".join(text.split()), 560), 600))
        except Unfit:
            continue
    return tuple(Attribute(path=path, text=text) for path, text in list(kept.items())[:MOST_ATTRIBUTES])


def _notes(reading: CardReading, unwritten: str) -> tuple[str, ...]:
    card = reading.card
    by = f" by {' '.join(card.creator[:200].split())[:60]}" if card.creator.strip() else ""
    version = card.form[-2:].upper()
    notes = [f"From a character card ({version}){by}; what it doesn't say was written to suit."]
    if unwritten:
        notes.append("Rules don't write its language, so what was written is in English.")
    if card.first_mes.strip() and not reading.greeting:
        notes.append("Nothing is said aloud in the card's first message, so the greeting was written.")
    if lost := missing(card.listed_assets, card.assets):
        notes.append(f"Of its pictures and sounds {lost} aren't in the card's file, or are too large, and stay behind.")
    return tuple(notes)


def _topics(card: Card) -> list[str]:
    return [
        keys[0]
        for keys, _ in card.book[:8]
        if keys and len(keys[0]) < 40 and not re.search(r"[\\^$*+?()\[\]{}|]", keys[0])
    ]


def _claims(prose: str) -> str:
    """The first sentence, and what follows of the kind "she is": further ones tell of other things."""
    told = texts.sentences(prose)
    kept = told[:1]
    for sentence in told[1:4]:
        if not _CLAIM.match(sentence):
            break
        kept.append(sentence)
    return texts.first_sentences(" ".join(kept), MOST_DESCRIBED)


def _tagged(card: Card) -> str:
    """The kind of thing that a tag says it is, if the lexicon knows it."""
    from personify.pipelines.builtin.lexicon import lexicon

    concepts = lexicon().concepts
    return next((tag.lower() for tag in card.tags[:40] if tag.lower() in concepts), "")


def _looks(reading: CardReading) -> str:
    """What of its looks fits into the line."""
    nouns = texts.words()["nouns"]
    found = []
    for each in reading.described.attributes:
        if texts.meaning(each.key) == "looks":
            noun = next((said for stem, said in nouns.items() if each.key.lower().rstrip("s") == stem), "")
            values = _short(each.values)[:3]
            found += [v if not noun or noun in v.lower() else f"{v} {noun}" for v in values[: 1 if noun else 3]]
    return " and ".join(found[:4])


def _short(values: Sequence[str]) -> list[str]:
    return [value.strip(" .") for value in values if 0 < len(value) <= 40 and len(value.split()) <= 6]


def _first(values: list[str], most: int) -> str:
    return next((value for value in values if len(value.split()) <= most and len(value) < 160), "")


def _shortened(text: str, most: int) -> str:
    """The words that fit; of one that is longer than that, its beginning."""
    return text if len(text) <= most else (text[: most + 1].rpartition(" ")[0] or text[:most])


def _commas(words: list[str]) -> list[str]:
    return [f"{word}," if number < len(words) else word for number, word in enumerate(words, 1)]


def _slug(text: str) -> str:
    return _NO_SLUG.sub("_", text[:60].lower()).strip("_")[:40]


def _latin(text: str) -> bool:
    letters = [char for char in text[:400] if char.isalpha()]
    return sum(char < "\u0250" for char in letters) * 2 >= len(letters)
