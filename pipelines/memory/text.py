"""What is done to a text before it is remembered, compared or searched. Knows nothing of databases.

What users and models say is data: it becomes one line without anything that could pass for a line, or a speaker, of its
own.
"""

import hashlib
import re
import unicodedata
from functools import cache

LONGEST_FACT = 400
LONGEST_SUMMARY = 1200
LONGEST_KEY = 60
LONGEST_NAME = 100
BYTES_PER_TOKEN = 3

_JOINERS = "\u200c\u200d"
"""Characters that can't be seen but change the words or emoji around them."""
_MARKERS = re.compile(
    r"<[|\uff5c]+|[|\uff5c]+>|</?s>|<</?SYS>>|</?(?:start|end)_of_turn>|<[be]os>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    re.IGNORECASE,
)
"""How chat templates begin and end what a speaker says; DeepSeek's bars are wide ones."""
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)

_UNSPACED_CHAR = re.compile(f"[{_UNSPACED}]")
_RUNS = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_ASCII_WORD = re.compile("[a-z0-9]+")


def one_line(text: str, longest: int) -> str:
    """The text as one line of `longest` characters at most, composed (NFC): what can't be seen and the markers of chat
    templates become spaces, and spaces become one."""
    seen = "".join(char if char.isprintable() or char in _JOINERS else " " for char in text[: 8 * longest])
    line = " ".join(_MARKERS.sub(" ", unicodedata.normalize("NFC", seen)).split()).strip(_JOINERS + " ")
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def normal_hash(text: str) -> str:
    """Equal for texts that say the same: case, width, spacing and the stop at the end make no difference."""
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(" .!。！…")
    return hashlib.sha256(normal.encode()).hexdigest()


def tokens_of(text: str) -> int:
    """About how many tokens a language model makes of it: a token for 3 bytes of UTF-8, rounded up.

    English has about 4 bytes to a token, Chinese 3 to 4, Cyrillic 4 to 6 in vocabularies of 100,000 tokens and more, so
    this counts rather too many.
    """
    return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)


def words_of(text: str) -> list[str]:
    """What is searched by: words of any script, case folded, plurals in -s cut; where words are written without spaces
    every two neighbouring characters."""
    if text.isascii():
        return [_singular(word) for word in _ASCII_WORD.findall(text.lower())]
    words: list[str] = []
    for word in _word_pattern().findall(unicodedata.normalize("NFKC", text).casefold()):
        for part in _RUNS.findall(word):
            if len(part) > 1 and _UNSPACED_CHAR.match(part):
                words += [part[i : i + 2] for i in range(len(part) - 1)]
            else:
                words.append(_singular(part))
    return words


def _singular(word: str) -> str:
    """Without the plural's -s, as Harman's S-stemmer has it (1991, "How effective is suffixing?", JASIS 42); English's
    rules, which do for French, Spanish and Portuguese, and wrong ones are wrong in question and memory alike."""
    if len(word) < 4 or word[-1] != "s" or word[-2] in "su":
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    return word[:-1]


@cache
def _word_pattern() -> re.Pattern[str]:
    """Letters and digits with the marks on them, which Python's \\w leaves out: Hindi's vowels, say, are marks."""
    marks = "".join(chr(code) for code in range(0x300, 0x1F000) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(f"(?:(?!_)[\\w{marks}])+")
