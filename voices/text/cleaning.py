"""Text made ready for a speech engine: what can't be said is taken out, long text is cut where a reader breathes.

Knows nothing of languages: `preparing` turns what is written short into words before.
"""

import re
import unicodedata
from collections.abc import Callable

_TYPEFACES = ("<font>", "<wide>", "<circle>", "<initial>", "<medial>", "<final>", "<isolated>")
"""Compatibility forms that are ordinary letters in another dress."""

_JOINERS = "\u200c\u200d"
"""Zero-width joiners shape words in Persian and the Indic scripts, and glue emoji together elsewhere."""

_MARKUP = re.compile(r"(?<!\d)(?<!\d )[*`~]+|[*`~]+(?! ?\d)")
_HEADING = re.compile(r"^(?:\s*#+\s)+", re.MULTILINE)
_REPEATED = re.compile(r"([!?.,;:…。！？，、।؟])(?:[ \t]*[!?.,;:…。！？，、।؟])+")
_SENTENCE_END = re.compile(r"(?<=[.!?…;:])\s+|(?<=[。！？；।؟۔])\s*|\n+")
_BEGINS = re.compile(r"(?:^|[.!?…][\"'”’»)\]]*\s+|\n)[\"'“‘«(\[¿¡]*$")
_CLAUSE_END = re.compile(r"(?<=,)\s+|(?<=[，、،])\s*|\s+")


def clean(text: str, *, keep: str = "") -> str:
    """`text` in composed form without what has no sound: control and format characters, emoji, markdown marks.

    Line breaks stay, because they part sentences; other white space becomes one space. The characters of `keep` stay
    too.
    """
    composed = unicodedata.normalize("NFC", text)
    sounds = "".join(char if char in keep else _sound_of(composed, i) for i, char in enumerate(composed))
    sounds = _HEADING.sub("", _MARKUP.sub("", sounds))
    sounds = _REPEATED.sub(_loudest_mark, sounds)
    return re.sub(r" *\n[ \n]*", "\n", re.sub(r"[^\S\n]+", " ", sounds)).strip()


def speakable(text: str) -> bool:
    """Whether there is a letter or a digit to say."""
    return any(unicodedata.category(c)[0] in "LN" for c in text)


def beginning(said: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
    """A replacement that writes its first letter large where a sentence begins: engines hear an end only before one."""

    def capital(match: re.Match[str]) -> str:
        words = said(match)
        begins = _BEGINS.search(match.string, max(0, match.start() - 8), match.start())
        if words == match.group() or not begins or not words[:1].islower():
            return words
        return words[0].upper() + words[1:]

    return capital


def pieces(text: str, limit: int = 1200) -> list[str]:
    """`text` cut into parts of at most `limit` characters: at sentences, else at clauses and words, else anywhere."""
    parts: list[str] = []
    for sentence in _split(text, _SENTENCE_END, limit):
        clauses = [sentence] if len(sentence) <= limit else _split(sentence, _CLAUSE_END, limit)
        for clause in clauses:
            parts.extend(clause[i : i + limit] for i in range(0, len(clause), limit))
    return [part for part in parts if speakable(part)]


def _split(text: str, boundary: re.Pattern[str], limit: int) -> list[str]:
    """`text` cut at `boundary`, with neighbours joined again as long as they fit into `limit`."""
    ends = [m.end() for m in boundary.finditer(text) if m.end() > 0]
    parts: list[str] = []
    start = last = 0
    for end in [*ends, len(text)]:
        if end - start > limit and last > start:
            parts.append(text[start:last])
            start = last
        last = end
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _sound_of(text: str, i: int) -> str:
    """The character at `i` as it goes to the engine: itself, a plainer form, a space, or nothing."""
    char = text[i]
    kind = unicodedata.category(char)
    if char == "\n" or kind in ("Zl", "Zp"):
        return "\n"
    if char in _JOINERS:
        between = 0 < i < len(text) - 1 and all(unicodedata.category(c)[0] in "LM" for c in (text[i - 1], text[i + 1]))
        return char if between else ""
    if kind == "Cf" or "\ufe00" <= char <= "\ufe0f" or char == "\u20e3":
        return ""
    # Arrows, dingbats and emoji would be read out by name; degree, copyright and numero signs belong to the text.
    if kind[0] == "C" or char == "_" or (kind in ("So", "Sk", "Sm") and char >= "\u2190"):
        return " "
    return unicodedata.normalize("NFKC", char) if unicodedata.decomposition(char).startswith(_TYPEFACES) else char


def _loudest_mark(match: re.Match[str]) -> str:
    """One mark for a run of them, which the engine would read out by name: a question asks, whatever follows it."""
    run = match.group()
    for mark in "?？؟!！":
        if mark in run:
            return mark
    return match.group(1)
