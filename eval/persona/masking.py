"""Names out of the way: who speaks must be told by what is said and how, and not by a name in it."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from personify.eval.persona.interview import interview_data
from personify.pipelines.persona import Persona

MASK = "someone"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def name_mask(personas: Sequence[Persona]) -> Callable[[str], str]:
    """What replaces every part of every persona's name, of three letters or more, whoever says it."""
    common = set(interview_data()["style"]["function_words"])
    parts = {part for persona in personas for part in re.findall(r"[^\W\d_]{3,}", persona.name)}
    apart = {part for part in parts if part[0].isupper() and part.casefold() not in common}
    whole = {persona.name for persona in personas}
    longest_first = sorted(whole | apart, key=lambda name: (-len(name), name))
    one = "|".join(map(re.escape, longest_first))
    names = re.compile(rf"(?<!\w)(?:{one})(?:\s+(?:{one}))*(?!\w)")
    return lambda text: names.sub(MASK, text)


def words(text: str) -> list[str]:
    """The words of a text in small letters without accents, with their apostrophes."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.replace("’", "'")) if not unicodedata.combining(c))
    return _WORD.findall(plain.casefold())


def stem(word: str) -> str:
    """The word without the commonest English endings, so that "kettles" is "kettle" and "shelves" nearly "shelve"."""
    word = word.removesuffix("'s")
    for ending in ("ing", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
