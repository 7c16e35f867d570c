"""Whether a voiced answer still says what the neutral one does: its numbers and names must be in it.

A number may be written in digits or in words. Of a name of several words one is enough ("Goethe" for "Johann Wolfgang
von Goethe"). Names are told by their capitals, so in scripts without capitals only numbers are held.
"""

import re
from functools import cache

_DIGITS = re.compile(r"\d(?:[\d.,'’\u00a0\u202f ]*\d)?")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+")
_SEPARATORS = re.compile(r"[.,'’\u00a0\u202f ]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+|[\"“„«(]\s*)[^\w]*(?=\w)")
_JOINT = re.compile(r"\s(?:(?:of|the|von|van|der|den|de|del|della|di|da|la|le|du|des|y|und|al|el)\s){0,2}")
"""What may stand within a name."""
_SPELLED_UP_TO, _ORDINALS_UP_TO = 1000, 100
_YEARS = range(1100, 2100)
"""Years are said in another way than other numbers."""
_LONGEST_NUMBER = 7
"""Words of a number."""
_ENDINGS, _SHORTEST_STEM = ("s", "n", "e", "en", "es", "er"), 3
_SHORTEST_NAME = 2


def lost(answer: str, voiced: str, asked: str, language: str) -> list[str]:
    """The numbers and names of `answer` that `voiced` lacks; what was `asked` with them needn't be said again."""
    have = numbers(voiced, language) | _ordinals(voiced, language)
    missing = [number for number in sorted(numbers(answer, language) - numbers(asked, language)) if number not in have]
    words, known = _words(voiced), _words(asked)
    for name in names(answer):
        parts = [part for part in name if part.casefold() not in known]
        if len(parts) == len(name) and not any(_stands_in(part.casefold(), words) for part in parts):
            missing.append(" ".join(name))
    return missing


def invented(sentence: str, known: str) -> list[str]:
    """The figures in a voiced sentence that stand nowhere in what is known."""
    return sorted(_figures(sentence) - _figures(known))


def numbers(text: str, language: str) -> set[str]:
    """The numbers in a text, in digits: 8849 for "8,849", 3 for "three"."""
    return _said_in(text, _spelled(language.split("-", maxsplit=1)[0].lower())) | _figures(text)


def names(text: str) -> list[tuple[str, ...]]:
    """The names in a text: words with capitals in a row, but for the first word of a sentence."""
    starts = {match.end() for match in _SENTENCE_START.finditer(text)}
    found: list[list[str]] = []
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        if not word[0].isupper() or len(word) < _SHORTEST_NAME or word.startswith(("I'", "I’")):
            continue
        if match.start() not in starts:
            if found and end > 0 and _JOINT.fullmatch(text[end : match.start()]):
                found[-1].append(word)
            else:
                found.append([word])
        end = match.end() if match.start() not in starts else 0
    return [tuple(name) for name in found]


def _ordinals(text: str, language: str) -> set[str]:
    """The numbers of days, centuries and the like that are written in words: 20 for "twentieth"."""
    return _said_in(text, _spelled(language.split("-", maxsplit=1)[0].lower(), "ordinal"))


def _said_in(text: str, spelled: dict[str, str]) -> set[str]:
    """The numbers among the words of a text, each as long as it goes: "two hundred" holds no two."""
    words = _WORD.findall(text.casefold())
    found, i = set(), 0
    while i < len(words):
        lengths = range(min(_LONGEST_NUMBER, len(words) - i), 0, -1)
        length = next((n for n in lengths if " ".join(words[i : i + n]) in spelled), 0)
        if length:
            found.add(spelled[" ".join(words[i : i + length])])
        i += length or 1
    return found


def _stands_in(name: str, words: set[str]) -> bool:
    """Whether a name is among the words, also with an ending that it takes where it stands ("Metern", "Meter")."""
    forms = {name} | {name.removesuffix(ending) for ending in _ENDINGS if len(name) > len(ending) + _SHORTEST_STEM}
    return any(form in words or any(f"{form}{ending}" in words for ending in _ENDINGS) for form in forms)


def _figures(text: str) -> set[str]:
    """The numbers that are written in digits."""
    found = set()
    for number in _DIGITS.findall(text):
        parts = [number] if _GROUPED.fullmatch(number) else number.split(" ")
        found |= {_value(part) for part in parts}
    return found - {""}


def _value(number: str) -> str:
    """A number without separators of thousands, its decimals after a point."""
    number = number.strip(".,'’ ")
    marks = [char for char in number if not char.isdigit()]
    if len(set(marks)) > 1 and marks.count(marks[-1]) == 1:  # 299,792.458
        whole, _, decimals = number.rpartition(marks[-1])
        return f"{_SEPARATORS.sub('', whole)}.{decimals}"
    if _GROUPED.fullmatch(number):
        return _SEPARATORS.sub("", number)
    return number.replace(",", ".")


def _words(text: str) -> set[str]:
    return {part for word in _WORD.findall(text.casefold()) for part in (word, *re.split(r"['’-]", word))}


@cache
def _spelled(language: str, kind: str = "cardinal") -> dict[str, str]:
    """Numbers from 2 on in words, to digits; "one" is an article in too many languages."""
    from num2words import num2words

    cardinal = kind == "cardinal"
    found: dict[str, str] = {}
    asked = [(number, kind) for number in range(2, (_SPELLED_UP_TO if cardinal else _ORDINALS_UP_TO) + 1)]
    for number, to in [*asked, *((year, "year") for year in _YEARS if cardinal)]:
        try:
            words = _WORD.findall(num2words(number, lang=language, to=to).casefold())
        except NotImplementedError:
            return {}
        forms = {" ".join(words), " ".join(word for word in words if word != "and")}
        if language == "en":  # "a hundred"
            forms |= {f"a {form.removeprefix('one ')}" for form in forms if form.startswith("one hundred")}
        if language == "de":  # "hundert", and "zwanzigsten" as well as "zwanzigste"
            forms |= {form.removeprefix("ein") for form in forms if form.startswith("einhundert")}
            forms |= set() if cardinal else {f"{form}{ending}" for form in forms for ending in "nrs"}
        for form in forms:
            found.setdefault(form, str(number))
    return found
