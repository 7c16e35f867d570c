"""Reads a description: which thing, which life, which temper, and what was not understood; writes nothing itself."""

import re
from dataclasses import dataclass, field

from personify.pipelines.builtin.clauses import Clauses, shorten, take_clauses
from personify.pipelines.builtin.cleaning import clean, fold, tokens
from personify.pipelines.builtin.grammar import plural
from personify.pipelines.builtin.lexicon import Concept, Interest, Lexicon, Role, Temperament, english_words, lexicon
from personify.pipelines.builtin.scanning import Hit, phrases, scan

_LEADS = (
    "with|wearing|carrying|holding|in|on|at|from|under|behind|inside|near|beside|above|by|of|made of|made from|"
    "dressed as|dressed in|for|about|to|like|without"
)
_SPLIT = re.compile(
    rf"[,;:.!?()/&+]+|\b(?=(?:{_LEADS})\b)|\band\s+(?=(?:an?|the|has|is)\b)|\b(?=(?:is|has)\b)", re.IGNORECASE
)
_PLACES = {"in", "on", "at", "from", "under", "behind", "inside", "near", "beside", "above", "by"}
_ADJECTIVE = re.compile(r"(?:ing|ed|ous|ful|less|able|ible|ish|ive|ical|ic|ant|ent|est|ly|esque|like|ese|ian)$")
_AGENT = re.compile(r"(?:[^e]er|or|ist|ian|eer|smith|wright|keeper|man|woman|maker)$")
_NOT_UNDERSTOOD_MAX = 24
_SURE_FROM = 3
"""Of fewer words in Latin letters the language isn't sure."""


@dataclass(frozen=True)
class Reading:
    """What a description says. Words are English table keys; `nature` is the user's own word for the thing.

    `loves`, `hates`, `fears` and `dreams` are the user's phrases; `deeds` first-person sentences; `gender` and `age`
    are empty where the description doesn't say; `role_word` and `temper_word` are the user's own words for the first of
    each; `misspelt` holds (as written, as read). `unwritten` is the language that the description surely is in where
    this writer knows it by name alone, else empty. `beyond`: what was wanted beyond the description, in English, which
    `wanting.py` fills in.
    """

    text: str
    language: str
    nature: str
    category: str
    archetype: str
    concept: Concept | None = None
    role: Role | None = None
    temperaments: tuple[Temperament, ...] = ()
    interests: tuple[Interest, ...] = ()
    name: str | None = None
    colours: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    gender: str = ""
    age: str = ""
    size: str = ""
    accent: str | None = None
    role_word: str = ""
    temper_word: str = ""
    accessories: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    loves: tuple[str, ...] = ()
    hates: tuple[str, ...] = ()
    fears: tuple[str, ...] = ()
    dreams: tuple[str, ...] = ()
    deeds: tuple[str, ...] = ()
    place: str = ""
    misspelt: tuple[tuple[str, str], ...] = ()
    not_understood: tuple[str, ...] = ()
    unwritten: str = ""
    beyond: str = ""


@dataclass
class _Draft:
    """What has been read so far."""

    nature: str = ""
    concept: str = ""
    role: str = ""
    place: str = ""
    unknown: list[str] = field(default_factory=list)
    misspelt: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, value: str) -> None:
        """Remember a value of a kind once."""
        kept = self.values.setdefault(kind, [])
        if value not in kept:
            kept.append(value)


def read_description(description: str) -> Reading:
    """Read one description.

    Raises `BadInput` where it is empty, without words, or longer than `cleaning.LIMIT` characters.
    """
    lex = lexicon()
    cleaned = clean(description)
    language, spoken, problem, unwritten = _language(cleaned.text)
    clauses = take_clauses(cleaned.text, language)
    draft = _Draft()
    if language == "en":
        _read_english(clauses, draft)
    else:
        _read_other(clauses, draft, language)
    for words in cleaned.emoji:
        _read_emoji(words, draft)
    if not draft.nature:
        _fall_back(draft, cleaned.emoji)
    category, archetype = _category(draft, lex)
    values = draft.values
    notes = [f"{seen} (read as {used})" for seen, used in draft.misspelt] + draft.unknown
    return Reading(
        text=cleaned.text or " ".join(cleaned.emoji),
        language=spoken,
        nature=draft.nature,
        category=category,
        archetype=archetype,
        concept=lex.concepts.get(draft.concept),
        role=lex.roles.get(draft.role),
        temperaments=tuple(lex.temperaments[word] for word in values.get("temperament", [])[:2]),
        interests=_interests(clauses, values.get("interest", []), lex),
        name=clauses.name,
        colours=tuple(values.get("colour", [])[:3]),
        materials=tuple(values.get("material", [])[:3]),
        gender=next(iter(values.get("gender", [])), ""),
        age=next(iter(values.get("age", [])), ""),
        size=next(iter(values.get("size", [])), ""),
        accent=next(iter(values.get("accent", [])), None),
        role_word=next(iter(values.get("role word", [])), ""),
        temper_word=next(iter(values.get("temper word", [])), ""),
        accessories=tuple(values.get("accessory", [])[:3]),
        features=tuple(values.get("feature", [])[:4]),
        loves=tuple(dict.fromkeys(clauses.loves))[:3],
        hates=tuple(dict.fromkeys(clauses.hates))[:3],
        fears=tuple(dict.fromkeys(clauses.fears))[:2],
        dreams=tuple(dict.fromkeys(clauses.dreams))[:2],
        deeds=tuple(dict.fromkeys(clauses.deeds))[:3],
        place=draft.place,
        misspelt=tuple(draft.misspelt),
        not_understood=tuple(dict.fromkeys(([problem] if problem else []) + notes))[:_NOT_UNDERSTOOD_MAX],
        unwritten=unwritten,
    )


def _language(text: str) -> tuple[str, str, str, str]:
    """(the table to read with, the language to write in, what to tell the user where these aren't what was found, and
    the language that it is in then, if that is sure).

    The detector is unsure of three words, so a language whose own tables know more of the words wins over it.
    """
    from personify.voices.languages import detect_language  # its model loads when first needed

    tongues = lexicon().tongues
    if not text:
        return "en", "en", "", ""
    detected = detect_language(text, english_words=english_words()).split("-")[0]
    if detected == "zh" or (detected == "ja" and not re.search(r"[\u3040-\u30ff]", text)):
        return "zh", "zh", "", ""
    words = [fold(word) for word in tokens(text)]
    votes = {
        code: sum(2 - ("stop" in phrases(code)[word]) for word in words if word in phrases(code))
        for code in ("en", *tongues)
    }
    best = max(votes, key=lambda code: (votes[code], code == detected, code == "en"))
    if words[:1] in (["a"], ["an"]) and votes["en"] == votes[best]:  # "a mango" says so in five languages
        return "en", "en", "", ""
    if detected not in votes:
        if votes[best] >= max(2, len(words)):
            return best, best, "", ""
        foreign = len(words) >= _SURE_FROM and 4 * votes["en"] <= len(words)  # "i" is a word of Polish too
        sure = foreign or (not votes["en"] and any(letter >= "\u0250" for letter in text))
        return best, "en", f"language '{detected}' (written in English)", detected if sure else ""
    if votes[best] > votes[detected] + (2 if votes[detected] else 0):
        detected = best
    return detected, detected, "", ""


# --- English -------------------------------------------------------------------------------------------------------


def _read_english(clauses: Clauses, draft: _Draft) -> None:
    """The head noun phrase first, then what hangs on it: "with ...", "in ...", "is ..."."""
    segments = [
        segment.strip()
        for segment in _SPLIT.split(_without_years(clauses.rest).replace("-wearing", " "))
        if segment and segment.strip()
    ]
    scanned = [(segment, scan(segment, "en")) for segment in segments]
    head = _head(scanned)
    for index, (segment, hits) in enumerate(scanned):
        if index <= head:
            _read_head(hits, draft, last=index == head)
        else:
            _read_rest(segment, hits, draft, clauses)


def _without_years(text: str) -> str:
    """The text without how old somebody is in years, which is no temper: only the old are "old"."""
    from personify.pipelines.builtin.gender import OLD_FROM, YEARS, years_of

    return YEARS.sub(lambda found: "old" if years_of(found) >= OLD_FROM else " ", text)


def _head(scanned: list[tuple[str, list[Hit]]]) -> int:
    """The segment with the thing itself: the first with a concept, else with a role, else with an unknown word."""
    for kind in ("concept", "role", ""):
        for index, (segment, hits) in enumerate(scanned):
            lead = segment.split()[0].lower()
            if lead in _PLACES or lead in ("with", "wearing", "of", "for", "about", "like", "made", "without", "has"):
                continue
            if any((kind in hit.kinds) if kind else not hit.kinds for hit in hits):
                return index
    return 0


def _read_head(hits: list[Hit], draft: _Draft, *, last: bool) -> None:
    """A noun phrase: its last concept is the thing, earlier ones are colours or say more ("strawberry monster")."""
    things = [index for index, hit in enumerate(hits) if "concept" in hit.kinds]
    head = things[-1] if last and things else None
    nouns: list[str] = []
    for index, hit in enumerate(hits):
        if hit.variant_of:
            draft.misspelt.append((hit.surface, hit.variant_of))
        if index == head:
            draft.concept = hit.kinds["concept"]
            nouns.append(_noun(hit))
        elif not hit.kinds:
            draft.unknown.append(hit.surface[:60])
        elif "concept" in hit.kinds and not hit.kinds.keys() & {
            "colour",
            "material",
            "role",
            "temperament",
            "accessory",
            "size",
            "gender",
            "age",
        }:
            nouns = [_noun(hit)] if head is not None and index < head else nouns
        else:
            nouns = nouns if head is not None and index > head else []
            _note(hit, draft)
    if last:
        _name_the_nature(hits, head, nouns, draft)


def _name_the_nature(hits: list[Hit], head: int | None, nouns: list[str], draft: _Draft) -> None:
    """The user's word for the thing; an unknown noun at the end is the thing itself ("flumph", "bear cub")."""
    end = hits[-1] if hits else None
    if end and not end.kinds and not _ADJECTIVE.search(end.surface.lower()):
        words = [end.surface.lower()]
        before = hits[-2] if len(hits) > 1 else None
        if before and not before.kinds and not _ADJECTIVE.search(before.surface.lower()) and head is None:
            words.insert(0, before.surface.lower())
        if head == len(hits) - 2:
            words = [*nouns, *words]
        draft.nature = " ".join(words)[:48].strip()
        if _AGENT.search(end.surface.lower()) and head is not None:
            draft.concept = "person"
            draft.values.setdefault("agent", []).append(draft.nature)
        return
    if head is not None:
        draft.nature = " ".join(nouns)


def _noun(hit: Hit) -> str:
    """The user's word in the singular."""
    concept = lexicon().concepts[hit.kinds["concept"]]
    surface = hit.surface.lower()
    names = (concept.word, *concept.aliases)
    singular = next((name for name in names if plural(name) == surface), surface)
    return singular if singular in names else concept.word


def _note(hit: Hit, draft: _Draft) -> None:
    """Keep the meanings of a word that is not the thing itself; "old" is a temper as well as an age."""
    kinds = hit.kinds
    if "role" in kinds:
        draft.role = draft.role or kinds["role"]
        role = lexicon().roles[draft.role]
        draft.note("role word", hit.surface.lower() if hit.surface.lower() in role.aliases else role.word)
        return
    if "temperament" in kinds:
        word = hit.surface.lower()
        draft.note("temper word", word if word in phrases("en") and not hit.variant_of else kinds["temperament"])
    for kind in (
        "temperament",
        "colour",
        "material",
        "size",
        "gender",
        "age",
        "accent",
        "accessory",
        "feature",
        "interest",
    ):
        if kind in kinds:
            draft.note(kind, kinds[kind])


def _read_rest(segment: str, hits: list[Hit], draft: _Draft, clauses: Clauses) -> None:
    """What hangs on the noun. Unknown words in a place or after "with" are kept as the user said them."""
    lead = segment.split(maxsplit=1)[0].lower()
    known = {kind for hit in hits for kind in hit.kinds}
    phrase = shorten(" ".join(segment.split()[1:]))
    for hit in hits:
        if hit.variant_of:
            draft.misspelt.append((hit.surface, hit.variant_of))
        wanted = {"role", "accessory", "feature", "accent", "material", "interest", "size", "age"}
        if lead not in _PLACES:
            wanted |= {"temperament", "gender"}
        if "accessory" not in known:
            wanted |= {"colour"}
        kinds = {kind: value for kind, value in hit.kinds.items() if kind in wanted}
        if kinds:
            _note(Hit(hit.surface, kinds), draft)
    unknown = [hit.surface for hit in hits if not hit.kinds]
    if lead in _PLACES and hits and phrase and not known & {"accessory", "accent", "colour"}:
        draft.place = draft.place or f"{lead} {phrase}"
    elif lead in ("with", "has", "holding", "carrying") and phrase and (unknown or "concept" in known):
        clauses.deeds.append(f"I {'have' if lead in ('with', 'has') else 'am always ' + lead} {phrase}")
    elif lead == "of" and phrase and unknown and draft.role:
        clauses.loves.append(phrase)
    else:
        draft.unknown += [word[:60] for word in unknown]


def _interests(clauses: Clauses, heard: list[str], lex: Lexicon) -> tuple[Interest, ...]:
    """The interests with an entry; loved phrases bring in theirs, and entries heard elsewhere become loves."""
    table = phrases("en")
    found: list[str] = []
    for phrase in clauses.loves:
        words = [fold(word) for word in tokens(phrase)]
        spans = [" ".join(words[a:b]) for a in range(len(words)) for b in range(len(words), a, -1)]
        found += [table[span]["interest"] for span in spans if "interest" in table.get(span, {})][:1]
    if not clauses.hates and not clauses.fears:
        for word in heard:
            if word not in found:
                found.append(word)
                clauses.loves.append(word)
    return tuple(lex.interests[word] for word in dict.fromkeys(found))[:2]


# --- other languages, emoji, and nothing at all -------------------------------------------------------------------


def _read_other(clauses: Clauses, draft: _Draft, language: str) -> None:
    """A description in another language: its first concept is the thing, in Chinese its last."""
    hits = scan(clauses.rest, language)
    things = [hit for hit in hits if "concept" in hit.kinds and not hit.kinds.keys() & {"colour"}]
    things = things or [hit for hit in hits if "concept" in hit.kinds]
    thing = (things[-1] if language == "zh" else things[0]) if things else None
    for hit in hits:
        if hit.variant_of:
            draft.misspelt.append((hit.surface, hit.variant_of))
        if hit is thing:
            draft.concept, draft.nature = hit.kinds["concept"], hit.kinds["concept"]
        elif hit.kinds:
            _note(hit, draft)
        else:
            draft.unknown.append(hit.surface[:60])
    if not thing and not draft.role and draft.unknown:
        nouns = [word for word in draft.unknown if len(word) > 1]
        draft.nature = (nouns[-1] if language in ("zh", "de") else nouns[0])[:48].lower() if nouns else ""


def _read_emoji(words: str, draft: _Draft) -> None:
    hits = scan(words, "en")
    for hit in hits:
        if "concept" in hit.kinds and not draft.concept and not draft.role and not draft.nature:
            draft.concept, draft.nature = hit.kinds["concept"], hit.kinds["concept"]
        elif hit.kinds:
            _note(hit, draft)


def _fall_back(draft: _Draft, emoji: tuple[str, ...]) -> None:
    """No thing was named: a life makes a person, an unknown emoji a cartoon of itself, and anything else a person."""
    if draft.role:
        draft.nature = next(iter(draft.values.get("role word", [])), draft.role)
    elif emoji and not draft.unknown:
        draft.nature = emoji[0][:48]
        draft.unknown.append(emoji[0][:48])
    else:
        draft.concept = draft.nature = "person"


def _category(draft: _Draft, lex: Lexicon) -> tuple[str, str]:
    """Category and archetype; an unknown thing gets them from its ending, and is a cartoon where that tells nothing."""
    if concept := lex.concepts.get(draft.concept):
        return concept.category, concept.archetype
    if draft.values.get("agent") or (draft.role and draft.nature in (draft.role, *draft.values.get("role word", []))):
        return "people", "woman"
    if _AGENT.search(draft.nature) and draft.role:
        return "people", "woman"
    for ending, (category, archetype) in lex.words["endings"].items():
        if draft.nature.endswith(ending):
            return category, archetype
    return "cartoon", lex.words["unknown"]["archetypes"][
        sum(map(ord, draft.nature)) % len(lex.words["unknown"]["archetypes"])
    ]
