"""Makes a description safe to read: length limits, control characters, emoji; the text only ever becomes data."""

import re
import unicodedata
from typing import NamedTuple

from personify.pipelines.builtin.lexicon import lexicon
from personify.voices.errors import BadInput

LIMIT = 2000
"""The most characters a description may have."""

_JOINERS = "\u200c\u200d"
_UNSEEN = "\ufe0e\ufe0f\u20e3\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
"""Variation selectors, the keycap and the five skin tones."""
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


class Clean(NamedTuple):
    """A description without what can't be read; `emoji` holds each emoji's meaning in English words."""

    text: str
    emoji: tuple[str, ...]


def clean(description: str) -> Clean:
    """The description on one line, without control characters and emoji.

    Raises `BadInput` where it is empty, too long, or holds no word at all.
    """
    if len(description) > LIMIT:
        raise BadInput(
            f"the description has {len(description):,} characters; the limit is {LIMIT:,}: please shorten it"
        )
    letters: list[str] = []
    emoji: list[str] = []
    for letter in description:
        kind = unicodedata.category(letter)
        if kind == "So" and ord(letter) >= 0x2190:
            emoji.append(_emoji_words(letter))
            letters.append(" ")
        elif kind in ("Cc", "Zs", "Zl", "Zp"):
            letters.append(" ")
        elif (kind in ("Cf", "Cs", "Co", "Cn") and letter not in _JOINERS) or letter in _UNSEEN:
            continue
        else:
            letters.append(letter)
    text = " ".join(unicodedata.normalize("NFC", "".join(letters)).split()).strip(_JOINERS + " ")
    emoji = [words for words in emoji if words]
    if not text and not emoji:
        raise BadInput("the description is empty; write a line such as: a grumpy teapot who loves astronomy")
    if not emoji and not any(unicodedata.category(letter)[0] == "L" for letter in text):
        raise BadInput(f"the description {text[:40]!r} has no words; write a line such as: a wise owl professor")
    return Clean(text, tuple(dict.fromkeys(emoji)))


def fold(text: str) -> str:
    """The key of a word: lower case, without accents, so that "Théière" and "theiere" are one."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("’", "'")


def tokens(text: str) -> list[str]:
    """The words of a text in order as written; hyphens part words, a possessive 's is dropped."""
    return [re.sub(r"['’]s$", "", word) for word in _TOKEN.findall(text)]


def _emoji_words(letter: str) -> str:
    """What an emoji shows, by the table first and else by its Unicode name."""
    words = lexicon().words
    if letter in words["emoji"]:
        return str(words["emoji"][letter])
    name = unicodedata.name(letter, "").lower().replace("-", " ")
    if name.startswith(("regional indicator", "variation selector")):
        return ""
    return " ".join(word for word in name.split() if word not in words["emoji_noise"])
