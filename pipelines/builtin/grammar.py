"""English grammar in small: articles, plurals, sentences and the first person; knows nothing about characters."""

import re

_AN = re.compile(r"^(?:[aeio]|u(?!ni|se|su|ti|ke|kulele|fo\b))|^(?:hour|honest|heir|honou?r)|^(?:x-ray)", re.IGNORECASE)
_A_AFTER_ALL = re.compile(r"^(?:eu|ewe|one\b|once\b|uk|ur[aeiou])", re.IGNORECASE)

_PAIRS = ("jeans", "trousers", "pants", "shorts", "scissors", "leggings", "dungarees", "overalls", "pyjamas", "pajamas")

_FIRST_PERSON = {
    "is": "am", "are": "am", "has": "have", "does": "do", "goes": "go", "was": "was", "were": "was", "doesn't": "don't",
    "isn't": "am not", "hasn't": "haven't", "wasn't": "wasn't", "can": "can", "cannot": "cannot", "can't": "can't",
    "will": "will", "won't": "won't", "would": "would", "could": "could", "never": "never", "always": "always",
    "only": "only", "once": "once", "secretly": "secretly", "really": "really", "often": "often", "still": "still",
    "just": "just", "sometimes": "sometimes", "also": "also", "used": "used", "must": "must", "should": "should",
    "accidentally": "accidentally", "quietly": "quietly", "usually": "usually", "rarely": "rarely", "might": "might",
}  # fmt: skip
_MINE = {
    "its": "my", "his": "my", "her": "my", "their": "my", "itself": "myself", "himself": "myself", "herself": "myself",
    "themselves": "myself", "themself": "myself", "it's": "I'm", "he's": "I'm", "she's": "I'm", "he": "I", "she": "I",
}  # fmt: skip
_COMMON_VERBS = {
    "sings",
    "dances",
    "plays",
    "reads",
    "writes",
    "cooks",
    "sleeps",
    "eats",
    "drinks",
    "talks",
    "walks",
    "runs",
    "lives",
    "works",
    "tells",
    "makes",
    "wears",
    "hates",
    "loves",
    "paints",
    "bakes",
    "swims",
    "flies",
    "collects",
    "dreams",
    "thinks",
    "knows",
    "speaks",
    "cries",
    "laughs",
    "snores",
    "is",
    "has",
    "was",
    "goes",
    "does",
}
_ADVERBS = {"never", "always", "only", "once", "secretly", "really", "often", "still", "just", "sometimes", "also"}
_ADVERBS |= {"accidentally", "quietly", "usually", "rarely"}
_MODALS = {"can", "cannot", "can't", "will", "won't", "would", "could", "must", "should", "might", "does", "doesn't"}


def article(noun: str) -> str:
    """`noun` with "a" or "an" as it is spoken; things that come in two legs or blades with "a pair of"."""
    if noun.endswith(_PAIRS):
        return f"a pair of {noun}"
    vowel = _AN.match(noun) and not _A_AFTER_ALL.match(noun)
    return f"{'an' if vowel else 'a'} {noun}"


def plural(noun: str) -> str:
    """The regular English plural of a noun or noun phrase."""
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"[^fo]fe?$", noun) and not noun.endswith(("chef", "roof", "brief", "dwarf")):
        return re.sub(r"fe?$", "ves", noun)
    return noun + "s"


def capital(text: str) -> str:
    """`text` with its first letter in upper case, the rest as it was."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """`text` as a sentence: a capital first and one mark at the end."""
    text = capital(" ".join(text.split()))
    return text if text.endswith((".", "!", "?", "…", "。", "！", "？")) else text + "."


def listing(items: list[str], last: str = "and") -> str:
    """Items joined as in "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def first_person(clause: str) -> str:
    """A relative clause's predicate said by its subject: "lost its lid" -> "I lost my lid"; verbs to the first person.

    Only the first verb (after adverbs) and verbs right after "and" are bent, which is right for plain clauses.
    """
    words = clause.split()
    expecting = True
    out: list[str] = []
    for word in words:
        bare = word.lower()
        if expecting and bare in _ADVERBS:
            out.append(bare)
        elif expecting:
            out.append(_bend(bare))
            expecting = False
        elif bare in _MINE:
            out.append(_MINE[bare])
        elif out[-1] == "I":
            out.append(_bend(bare))
        elif bare == "and" and len(out) > 1:
            out.append(bare)
        elif out and out[-1] == "and" and bare in _COMMON_VERBS:
            out.append(_bend(bare))
        else:
            out.append(word)
    return " ".join(["I", *out])


def mine(text: str) -> str:
    """`text` with third-person possessives and reflexives said in the first: "its owner" -> "my owner"."""
    return " ".join(_MINE.get(word.lower(), word) for word in text.split())


def _bend(verb: str) -> str:
    if verb in _FIRST_PERSON or verb in _MODALS:
        return _FIRST_PERSON.get(verb, verb)
    if re.search(r"[^aeiou]ies$", verb) and len(verb) > 4:
        return verb[:-3] + "y"
    if re.search(r"(?:ss|x|z|ch|sh)es$", verb):
        return verb[:-2]
    if re.search(r"[^sui]s$", verb):
        return verb[:-1]
    return verb
