"""Understanding: what was said, clause by clause, as the intents of the tables; knows nothing about personas."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA, Prefix

from personify.pipelines.chat.builtin.tongue import Intent, Tongue, tongue

THRESHOLD = 0.5
"""A score under this is no understanding."""
_LONGEST, _CLAUSES, _CLAUSE_LONGEST = 1600, 8, 300
"""Characters of a message, clauses of it, and characters of a clause that are listened to."""
_CERTAIN, _NEAR = 0.86, 0.36
"""A pattern's score from which no example is asked, and the likeness from which one counts."""
_SURELY_NEAR = 0.62
"""The likeness from which an example of a serious intent counts."""
SERIOUS = 90
"""Intents from this rank on are answered plainly, out of the role."""
_COVERED, _COVERED_TOLD = 0.5, 0.66
"""The share of a clause's words of meaning that an intent's examples must hold for one of them to count; and where it
tells of the user, where listening is better than a guess."""
_TYPO_LOSS = 0.92
_SHORT = 5
"""Letters of a word in which a wrong letter is rather another word."""
_LONG = 8
"""Letters from which a word may have two slips."""
_END = re.compile(r"[.!?…。！？;\n]+")


@dataclass(frozen=True)
class Clause:
    """A part of a message up to its mark: as written with contractions spelt out, and as it is compared."""

    text: str
    plain: str
    asks: bool


@dataclass(frozen=True)
class Heard:
    """One clause understood: the intent's name ("unknown" where none), how sure from 0 to 1, and its slots."""

    intent: str
    score: float
    clause: Clause
    slots: dict[str, str] = field(default_factory=dict)
    by_pattern: bool = False

    def slot(self, name: str = "x") -> str:
        """What stood in a slot, or ""."""
        return self.slots.get(name, "")


def hear(said: str, language: str) -> tuple[Heard, ...]:
    """The clauses of a message as intents, in order; empty where there is no word in it."""
    return _hear(tidy(said), language)


def tidy(said: str) -> str:
    """A message without what can't be read, on one line, cut to what is listened to."""
    kept = unicodedata.normalize("NFKC", said[: 2 * _LONGEST])
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" and char != "\n" else char for char in kept)
    return re.sub(r"[^\S\n]+", " ", kept)[:_LONGEST].strip()


@lru_cache(maxsize=1024)
def _hear(said: str, language: str) -> tuple[Heard, ...]:
    own = tongue(language)
    return tuple(understand(clause, own) for clause in clauses(said, language))


@lru_cache(maxsize=1024)
def clauses(said: str, language: str) -> tuple[Clause, ...]:
    """A tidy message in its clauses."""
    own = tongue(language)
    found, start = [], 0
    for mark in [*_END.finditer(said), None]:
        text = said[start : mark.start() if mark else len(said)]
        start = mark.end() if mark else start
        parts = _parts(spelt_out(text, own)[:_CLAUSE_LONGEST], own)
        marked = bool(mark and set("?？") & set(mark.group()))
        for at, part in enumerate(parts):
            plain = _plain(part)
            if plain:
                asks = (marked and at == len(parts) - 1) or _is_question(plain, own)
                found.append(Clause(part, plain, asks))
        if len(found) >= _CLAUSES:
            break
    return tuple(found)


def _parts(text: str, own: Tongue) -> list[str]:
    """A clause cut where a question is thrown back: "fine, and you"."""
    before = own.table("clause_parts").get("before")
    return re.split(str(before), text.strip(), flags=re.IGNORECASE) if before else [text]


def spelt_out(text: str, own: Tongue) -> str:
    """A clause with one kind of apostrophe, and with contractions and chat spellings written out."""
    text = " ".join(text.replace("’", "'").replace("`", "'").split())

    def whole(match: re.Match[str]) -> str:
        word = match.group()
        full = str(own.table("contractions").get(word.lower(), word))
        return full[:1].upper() + full[1:] if word[:1].isupper() and word.lower() != full else full

    text = re.sub(r"[\w']+", whole, text)
    for ending, full in own.table("endings").items():
        text = re.sub(rf"(?<=\w){re.escape(ending)}(?!\w)", f" {full}", text, flags=re.IGNORECASE)
    return text


def _plain(text: str) -> str:
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.lower())
    return " ".join(words)


def _is_question(plain: str, own: Tongue) -> bool:
    opening = own.table("questions_open").get("words", [])
    return bool(opening) and plain.split(maxsplit=1)[0] in opening


@lru_cache(maxsize=2048)
def understand(clause: Clause, own: Tongue) -> Heard:
    """The best intent of a clause: as written, else with its misspelt words mended, else by its keywords."""
    plain = _without_filler(clause.plain, own)
    best = _best(plain, clause, own)
    if best.score < 0.8:
        mended = _mended(plain, own)
        if mended != plain:
            second = _best(mended, clause, own)
            if second.score * _TYPO_LOSS > best.score:
                best = replace(second, score=second.score * _TYPO_LOSS)
    if best.score < _CERTAIN:
        best = max(best, _by_example(clause, own), key=lambda heard: heard.score)
    if best.score < THRESHOLD:
        best = max(best, _by_keywords(_mended(plain, own), clause, own), key=lambda heard: heard.score)
    return best if best.score >= THRESHOLD else Heard("unknown", best.score, clause)


def _without_filler(plain: str, own: Tongue) -> str:
    """The clause without "please", "well", "so tell me" and the like, unless nothing would be left."""
    filler = own.table("filler")
    for pattern in filler.get("patterns", []):
        left = re.sub(rf"(?<!\w){pattern}(?!\w)", " ", plain)
        left = " ".join(left.split())
        plain = left or plain
    return plain


def _best(plain: str, clause: Clause, own: Tongue) -> Heard:
    best = Heard("unknown", 0.0, clause)
    for intent in own.intents.values():
        if _is_ruled_out(intent, plain) or _is_ruled_out(intent, clause.plain):
            continue
        for pattern in intent.patterns:
            match = pattern.search(plain)
            if match:
                score = _score(match, plain, intent, clause)
                if score > best.score:
                    slots = {name: _as_written(value, clause) for name, value in match.groupdict().items() if value}
                    best = Heard(intent.name, score, clause, slots, True)
    return best


def _as_written(value: str, clause: Clause) -> str:
    """What a slot took with the capitals that it was written with, except at the start of the clause."""
    at = clause.text.lower().find(value.strip())
    return clause.text[at : at + len(value.strip())] if at > 0 else value.strip()


def _score(match: re.Match[str], plain: str, intent: Intent, clause: Clause) -> float:
    """Half for the match, half for how much of the clause it explains; what a slot took counts half."""
    slots = sum(len(value or "") for value in match.groupdict().values())
    explained = (len(match.group()) - 0.5 * slots) / max(1, len(plain))
    score = intent.weight * (0.5 + 0.5 * min(1.0, explained))
    return score if _suits(intent, clause) else 0.8 * score


def _is_ruled_out(intent: Intent, plain: str) -> bool:
    return bool(intent.without) and bool(re.search(rf"(?<!\w)(?:{intent.without})(?!\w)", plain))


def _suits(intent: Intent, clause: Clause) -> bool:
    """Whether a clause asks or tells as the intent does."""
    return intent.question if clause.asks else intent.statement


def _mended(plain: str, own: Tongue) -> str:
    return " ".join(_mend(word, own) for word in plain.split())


@lru_cache(maxsize=4096)
def _mend(word: str, own: Tongue) -> str:
    """The word of the tables that a misspelt one is nearest to: one slip in a word, two in a long one."""
    if len(word) < 3 or word in own.vocabulary or not word.isalpha():
        return word
    most = 1 if len(word) < _LONG else 2
    found = process.extract(word, own.spellings, scorer=OSA.distance, score_cutoff=most, limit=20)
    near = [
        (far, sorted(known) != sorted(word), -Prefix.similarity(known, word), known)
        for known, far, _ in found
        if set(known[:2]) & set(word[:2]) and not _is_another_word(word, known)
    ]
    return min(near)[-1] if near else word


def _by_example(clause: Clause, own: Tongue) -> Heard:
    """The intent of the nearest example, as sure as that one is near and the next intent's is not."""
    among = _about_the_user(clause, own)
    near = own.examples.nearest(clause.plain, among)
    mended = _mended(clause.plain, own)
    if mended != clause.plain:
        second = own.examples.nearest(mended, among)
        if second and (near is None or second.likeness * _TYPO_LOSS**2 > near.likeness):
            near = replace(second, likeness=second.likeness * _TYPO_LOSS)
    least = _COVERED if among is None else _COVERED_TOLD
    if near and max(own.examples.covered(text, near.intent) for text in (clause.plain, mended)) < least:
        near = None
    intent = own.intents.get(near.intent) if near else None
    if near is None or near.likeness < (_SURELY_NEAR if intent and intent.rank >= SERIOUS else _NEAR):
        return Heard("unknown", 0.0, clause)
    if intent and intent.rank >= SERIOUS and (_is_ruled_out(intent, clause.plain) or not _suits(intent, clause)):
        return Heard("unknown", 0.0, clause)
    score = min(0.95, 0.25 + 0.7 * near.likeness + 0.15 * min(near.margin, 0.2))
    if intent and not _suits(intent, clause):
        score *= 0.7
    return Heard(near.intent, score, clause)


def _is_another_word(word: str, known: str) -> bool:
    """Whether a short word is rather a word of its own: "hats" for "hate", "crew" for "screw"."""
    if len(word) > _SHORT or sorted(word) == sorted(known):
        return False
    return len(word) == len(known) or word[0] != known[0]


def _about_the_user(clause: Clause, own: Tongue) -> frozenset[str] | None:
    """The intents open to a clause that speaks of the user or of others and not of the character; None for all."""
    table = own.table("about_user")
    if not table or len(clause.plain.split()) < 3 or not re.search(rf"(?<!\w)(?:{table['of']})(?!\w)", clause.plain):
        return None
    if re.search(rf"(?<!\w)(?:{table['unless']})(?!\w)", clause.plain):
        return None
    return frozenset(table["intents"])


def _by_keywords(plain: str, clause: Clause, own: Tongue) -> Heard:
    """The intent whose keywords the clause holds most of, where it speaks to the character."""
    words = set(plain.split())
    you = set(own.table("you").get("words", []))
    if _about_the_user(clause, own):
        return Heard("unknown", 0.0, clause)
    if not (words & you or len(words) <= 3):
        return Heard("unknown", 0.0, clause)
    hits = [(len(words & intent.words), intent.weight, intent.name) for intent in own.intents.values()]
    count, _, name = max(hits)
    if not count:
        return Heard("unknown", 0.0, clause)
    return Heard(name, min(0.7, 0.45 + 0.1 * count), clause)
