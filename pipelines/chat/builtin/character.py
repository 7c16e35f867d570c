"""What a persona has to say of itself, as values for the frames: its facts put so that they stand in a sentence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from personify.pipelines.builtin.cleaning import fold
from personify.pipelines.builtin.grammar import article, listing
from personify.pipelines.chat.builtin import lore, wording
from personify.pipelines.chat.builtin.composing import key, split
from personify.pipelines.chat.builtin.tongue import LANGUAGES, Mood, Tongue, tongue
from personify.pipelines.persona import Attribute, Persona

Fields = Mapping[str, tuple[str, ...]]

_COLOUR = re.compile(r"(white|black|blue|green|red|pink|gr[ae]y|brown|yellow|orange|purple|violet|gold|salmon|cyan)$")
_CHILD_WORDS, _PLAIN_WORDS = 12, 32
_FITS = 0.95
"""The score from which an attribute answers a question."""


@dataclass(frozen=True, eq=False)
class Character:
    """A persona seen as a speaker: its tongue, its mood and the values of the frames' slots."""

    persona: Persona
    tongue: Tongue
    mood: Mood
    fields: Fields

    @cached_property
    def stories(self) -> tuple[str, ...]:
        """What it can tell, in order."""
        return _stories(self.persona, self.tongue)

    @property
    def is_foreign(self) -> bool:
        """Whether its own language is none that the engine speaks."""
        return _code(self.persona.language) != self.tongue.code

    @property
    def longest_sentence(self) -> int:
        """How many words a sentence may have before it counts against it."""
        return _CHILD_WORDS if self.persona.speaking.reading_level == "child" else _PLAIN_WORDS

    def liking(self, subject: str) -> tuple[str, str] | None:
        """("likes" or "dislikes", what it is) where the persona says so of a subject, else None."""
        wanted = stems(subject, self.tongue)
        for kind, slot in (("likes", "like"), ("dislikes", "dislike")):
            for item in self.fields[slot]:
                held = stems(item, self.tongue)
                if wanted and wanted <= held and 3 * len(wanted) >= len(held):
                    return kind, item
        return None

    def attribute(self, question: str, within: tuple[str, ...] = (), *, own: str = "") -> Attribute | None:
        """The attribute of the profile that a question asks for, if one clearly fits; `within` are the branches of the
        taxonomy that it may stand on, where then its own name must be asked for; words of `own` don't count."""
        wanted = stems(question, self.tongue) - stems(own, tongue("en"))
        best, best_score = None, 0.0
        for attribute, path, leaf, text in _indexed(self.persona):
            if within and not attribute.path.startswith(within):
                continue
            named = len(wanted & leaf)
            score = 2.0 * named * named / max(1, len(leaf)) + 0.5 * len(wanted & text)
            score += 0.0 if within else len(wanted & (path - leaf))
            score /= max(1, len(wanted)) ** 0.5
            covered = bool(within) or 2 * len(wanted & (path | text)) > len(wanted)
            if covered and (wanted & leaf if within else wanted & path) and score > best_score:
                best, best_score = attribute, score
        return best if best_score >= _FITS else None

    def lines(self, within: tuple[str, ...]) -> tuple[str, ...]:
        """What the profile holds on some branches of the taxonomy, as sentences."""
        texts = [attribute.text for attribute in self.persona.profile if attribute.path.startswith(within)]
        return tuple(wording.sentence(text) for text in texts if wording.is_sentence(text)) if within else ()

    def recollection(self, subject: str) -> str:
        """A sentence of its own that speaks of a subject, or ""."""
        wanted = stems(subject, self.tongue)
        best, best_score = "", 0.0
        for text in _own_sentences(self.persona):
            if self.persona.name in text:
                continue
            shared = len(wanted & stems(text, self.tongue))
            if shared and shared / max(1, len(wanted)) > best_score:
                best, best_score = text, shared / len(wanted)
        return best if best_score > 0.5 or (best_score == 0.5 and len(wanted) > 2) else ""


def _code(language: str) -> str:
    return language.lower().split("-")[0]


@lru_cache(maxsize=64)
def _of_json(text: str) -> "Character":
    return _built(Persona.model_validate_json(text))


_known: dict[int, tuple[Persona, Character]] = {}


def character(persona: Persona) -> Character:
    """The persona as a speaker; the last few are kept."""
    kept = _known.get(id(persona))
    if kept and kept[0] is persona:
        return kept[1]
    made = _of_json(persona.model_dump_json())
    if len(_known) > 64:
        _known.clear()
    _known[id(persona)] = persona, made
    return made


def _built(persona: Persona) -> Character:
    code = _code(persona.language)
    own = tongue(code if code in LANGUAGES else LANGUAGES[0])
    fields = _fields(persona, own)
    return Character(persona, own, _mood(persona, own), fields)


def stems(text: str, own: Tongue) -> frozenset[str]:
    """The words of a text that carry its meaning, without endings, and what they stand for in the table of synonyms."""
    stop = set(own.table("stop").get("words", []))
    synonyms = own.table("synonyms")
    found = set()
    for word in re.findall(r"[^\W_]+", fold(text)):
        if len(word) > 1 and word not in stop:
            meant = synonyms.get(word, word)
            found.add(_stem(meant))
    return frozenset(found)


_WHOLE = frozenset({"evening", "morning", "nothing", "spring", "king", "ring", "species", "series"})


def _stem(word: str) -> str:
    if word in _WHOLE:
        return word
    for ending in ("ies", "es", "s", "ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    return word.removesuffix("e") if len(word) > 3 else word


Indexed = tuple[Attribute, frozenset[str], frozenset[str], frozenset[str]]
_indexes: dict[int, tuple[Persona, tuple[Indexed, ...]]] = {}


def _indexed(persona: Persona) -> tuple[Indexed, ...]:
    kept = _indexes.get(id(persona))
    if kept and kept[0] is persona:
        return kept[1]
    code = _code(persona.language)
    own = tongue(code if code in LANGUAGES else LANGUAGES[0])
    english = tongue("en")
    index = tuple(
        (
            attribute,
            stems(attribute.path.replace("/", " ").replace("_", " "), english),
            stems(attribute.path.split("/")[-1].replace("_", " "), english),
            stems(attribute.text, own),
        )
        for attribute in persona.profile
    )
    if len(_indexes) > 64:
        _indexes.clear()
    _indexes[id(persona)] = persona, index
    return index


def _own_sentences(persona: Persona) -> tuple[str, ...]:
    lines = [*split(persona.life.backstory), *persona.speaking.sample_lines]
    lines += [attribute.text for attribute in persona.profile if wording.is_sentence(attribute.text)]
    return tuple(lines)


def _mood(persona: Persona, own: Tongue) -> Mood:
    """The mood whose words the persona's manner, traits and face hold most of; by the five factors where few do."""
    words = set(key(" ".join([persona.speaking.manner, *persona.personal.traits, persona.description])).split())
    factors = persona.personal.big_five.model_dump()

    def fits(mood: Mood) -> float:
        likeness = sum(weight * (factors[factor] - 0.5) for factor, weight in mood.big_five.items())
        looks = 2.5 if persona.appearance.expression in mood.expressions else 0.0
        return looks + sum(word in words for word in mood.words) + likeness

    return max(own.moods.values(), key=fits)


def _fields(persona: Persona, own: Tongue) -> dict[str, tuple[str, ...]]:
    social, personal, speaking = persona.social, persona.personal, persona.speaking
    likes, like_lines = _parted(personal.likes, own)
    dislikes, dislike_lines = _parted(personal.dislikes, own)
    values, value_lines = _parted(personal.values, own)
    fields = {
        "name": (social.name,),
        "nature": (social.nature,),
        "like": likes,
        "dislike": dislikes,
        "value": values,
        "like_line": like_lines,
        "dislike_line": dislike_lines,
        "value_line": value_lines,
        "sample": tuple(speaking.sample_lines),
        "age": tuple(own.table("ages").get(social.age, [])),
        "know": tuple(thing(item, own) for item in personal.knows),
        "origin": _origin(persona),
        "pun": tuple(own.table("puns").get(social.category, [])),
        "joke": (*own.table("jokes").get(social.category, []), *own.table("jokes").get("any", [])),
    }
    fields |= _home(social.home, own)
    if own.code == "en":
        fields |= _english(persona, likes, dislikes)
    else:
        fields["trait"] = tuple(wording.bare(item) for item in personal.traits)
        fields["role"] = (social.occupation,) if social.occupation else ()
        fields["moment"] = tuple(wording.sentence(moment.activity) for moment in persona.life.routine)
    return fields


def _english(persona: Persona, likes: tuple[str, ...], dislikes: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    social = persona.social
    noun = social.nature if all(letter < "\u0250" for letter in social.nature) else "character"
    has_article = re.match(r"(?:an?|the|some)\s", noun, re.IGNORECASE)
    role = social.occupation or ""
    moments = [wording.doing(moment.activity) for moment in persona.life.routine]
    listed = wording.listable(likes)[:3]
    refused = wording.listable(dislikes)[:3]
    look = persona.appearance
    return {
        "a_nature": (noun if has_article else article(noun),),
        "a_role": (role if re.match(r"(?:an?|the)\s", role) else article(role),)
        if role and fold(role) != fold(social.nature)
        else (),
        "a_trade": (role if re.match(r"(?:an?|the)\s", role) else article(role),) if role else (),
        "role": (role,) if role else (),
        "trait": tuple(wording.trait(item) for item in persona.personal.traits),
        "likes": (listing(list(listed)),) if len(listed) > 1 else (),
        "dislikes": (listing(list(refused), "or"),) if len(refused) > 1 else (),
        "do": tuple(moment for moment in moments if moment),
        "occasion": tuple(
            wording.thing(moment.activity)
            for moment, phrase in zip(persona.life.routine, moments, strict=True)
            if not phrase and not wording.is_sentence(moment.activity)
        ),
        "i_do": tuple(wording.i_do(moment) for moment in moments if moment),
        "colour": tuple(_colour(name) for name in look.colours if not name.startswith("#")),
        "material": tuple(look.materials),
        "wearing": tuple(article(item) for item in look.accessories if not item.endswith("s")),
    }


def _colour(name: str) -> str:
    """A CSS colour as one says it: "royalblue" -> "royal blue"."""
    names = tongue("en").table("colours")
    return str(names.get(name, _COLOUR.sub(r" \1", name).strip()))


def thing(fragment: str, own: Tongue) -> str:
    """A fragment as it stands within a sentence of a language."""
    return wording.thing(fragment) if own.code == "en" else wording.bare(fragment)


def _parted(items: tuple[str, ...], own: Tongue) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what names a thing, what is a sentence by itself)."""
    lines = tuple(wording.sentence(item) for item in items if wording.is_sentence(item))
    if own.code == "en" and len(items) > 1 and all(item[:1].isupper() for item in items):
        items = tuple(item if wording.is_sentence(item) else item[:1].lower() + item[1:] for item in items)
    return tuple(thing(item, own) for item in items if not wording.is_sentence(item)), lines


def _home(home: str, own: Tongue) -> dict[str, tuple[str, ...]]:
    prepositions = set(own.table("prepositions").get("words", []))
    said = wording.bare(home)
    first = said.split()[0].lower() if said.split() else ""
    if wording.is_sentence(home):
        return {"home_line": (wording.sentence(home),)}
    if first in own.table("prepositions").get("from", []):
        return {"home_from": (said[:1].lower() + said[1:],)}
    if first in prepositions:
        return {"home_at": (said[:1].lower() + said[1:],)}
    return {"home_is": (thing(home, own),)}


def _origin(persona: Persona) -> tuple[str, ...]:
    return _told_by(persona)[:1]


def _told_by(persona: Persona) -> tuple[str, ...]:
    """The sentences of the backstory, in the first person where English can be turned."""
    lines = split(persona.life.backstory)
    return tuple(wording.of_oneself(line, persona.name) for line in lines) if persona.language == "en" else tuple(lines)


def _stories(persona: Persona, own: Tongue) -> tuple[str, ...]:
    """What it can tell, in order: its backstory by twos, what its kind and trade bring with them, its memories."""
    lines = [
        line
        for line in _told_by(persona)
        if not re.search(rf"(?<!\w)(?:{re.escape(persona.name)}|{re.escape(persona.social.home)})(?!\w)", line)
        and "?" not in line
    ]
    if lines and set(key(lines[-1]).split()) & {word.casefold() for word in own.table("address").get("words", [])}:
        lines.pop()  # a closing word to the listener is no story
    pairs = [" ".join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
    told = [attribute.text for attribute in persona.profile if attribute.path.split("/")[0] in ("memories", "memory")]
    more = lore.tales(persona) if own.code == "en" and _code(persona.language) == "en" else ()
    heard = key(persona.life.backstory)
    stories = [
        *pairs,
        *(wording.sentence(line) for line in told),
        *(wording.sentence(tale) for tale in more if key(tale) not in heard),
    ]
    return tuple(dict.fromkeys(stories))
