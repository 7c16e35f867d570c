"""Sentences: a text, or one that is still being written, in the parts that are said in one breath.

sentencex (Wikimedia, MIT) knows where a sentence ends in each language, with its abbreviations; this knows how much
must have been written before that is certain. A text gives the same sentences whole, in pieces and letter by letter,
because each end is decided from the same few characters after it.
"""

import re

from personify.voices.text import ordinals
from personify.voices.text.cleaning import pieces
from personify.voices.text.wording import wording

_END = re.compile(
    r"(?P<stop>(?<![.!?…؟।۔])[.!?…؟।۔]+[\"'”’»)\]*_]*)(?P<gap>\s+)(?=\S)"
    r"|(?P<wide>(?<![。！？])[。！？]+[」』”’）】*]*)(?=[^。！？」』”’）】*])"
    r"|(?P<lines>\n)(?=[ \t]*\S)|(?P<blank>(?<!\n)\n[ \t]*\n\s*)(?=\S)"
)
"""Where a sentence may end, with the first character of what follows."""
_SPACES = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_MAY_END = _SPACES + ".!?…؟।۔\"'”’»)]*_。！？」』）】"
"""What an end consists of."""
_SHORT = re.compile(r"(?:^|[^\w.])(?:\w{1,2}|(?:\w\.)+\w?)\.$|\d\.$")
"""Before a stop: what may be an abbreviation or an ordinal, so that the whole next word is needed."""
_LONGEST_WORD = 40
_WORD = re.compile(r"\S+?(?=[\s.,;:!?…])")
_OPENING = "\"'“‘„«»‹([¿¡*_"
_ENOUGH = 400
"""Characters before an end that sentencex looks at."""
_BLOCK = re.compile(r"[ \t]*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|>|\||```)")
"""How a heading, a list item, a quotation, a row of a table or code begins."""
_FENCE = re.compile(r"^[ \t]*```", re.MULTILINE)
_OPENERS = {"(": ")", "[": "]", "（": "）"}
_LONGEST_ASIDE = 120
"""Characters for which an open bracket or asterisk keeps a sentence together."""
_LONGEST = 2000
"""Characters after which a sentence is given out without its end, cut where a reader breathes."""


def sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of `text`, a BCP 47 `language`, in order, as they are written, without white space around them.

    Lines of a list, a heading or a table are sentences of their own; other lines go on until a stop or a blank line.
    """
    stream = SentenceStream(language)
    return [*stream.feed(text), *stream.end()]


class SentenceStream:
    """Sentences of a text that is being written, each as soon as it is certain that it is complete."""

    def __init__(self, language: str = "en") -> None:
        self._language = language.lower().split("-", maxsplit=1)[0]
        self._text = ""
        self._from = 0

    def feed(self, delta: str) -> list[str]:
        """Takes what was written next, and gives out what is complete by now."""
        self._text += delta
        return self._cut(final=False)

    def end(self) -> list[str]:
        """Gives out what is left; nothing more comes."""
        done = self._cut(final=True)
        rest = self._text.strip()
        self._text, self._from = "", 0
        return [*done, *_bounded(rest)]

    def _cut(self, *, final: bool) -> list[str]:
        """Takes the complete sentences from the front of the text. `_from` is where the search goes on."""
        done: list[str] = []
        while True:
            match = _END.search(self._text, self._from)
            if match is None:
                # A candidate may have begun in the last few characters.
                self._from = max(0, len(self._text.rstrip(_MAY_END)) - 1)
            else:
                verdict = self._ends(match, final=final)
                if verdict is None:
                    self._from = match.start()
                    break
                if not verdict:
                    self._from = max(match.end() - (0 if match["gap"] is None else 1), match.start() + 1)
                    continue
                done += _bounded(self._text[: match.end()].strip())
                self._text, self._from = self._text[match.end() :], 0
                continue
            break
        while len(self._text) > 2 * _LONGEST and not self._in_code(len(self._text)):
            first = pieces(self._text[:_LONGEST], _LONGEST // 2)[:1] or [self._text[:_LONGEST]]
            cut = self._text.find(first[0]) + len(first[0])
            done.append(self._text[:cut].strip())
            self._text, self._from = self._text[cut:], 0
        return [sentence for sentence in done if sentence]

    def _in_code(self, end: int) -> bool:
        if self._text.find("```", 0, end) < 0:
            return False
        return len(_FENCE.findall(self._text[:end])) % 2 == 1

    def _ends(self, match: re.Match[str], *, final: bool) -> bool | None:
        """Whether a sentence ends there; None where what is needed to tell hasn't been written yet."""
        before = self._text[max(0, match.start() - _ENOUGH) : match.start()]
        if self._in_code(match.start()) or _aside_open(before):
            return False
        if match["lines"]:
            return self._line_ends(self._text[: match.start()], self._text[match.end() :], final=final)
        if match["stop"] and "\n" not in match["gap"]:
            return self._stop_ends(before + match["stop"], match.end(), final=final)
        return True

    def _line_ends(self, before: str, following: str, *, final: bool) -> bool | None:
        """Whether a line without a stop ends a sentence: the lines of a list, a heading or a table's edge do."""
        if not final and len(following) < 8 and "\n" not in following:
            return None
        line = before.rsplit("\n", maxsplit=1)[-1]
        is_row = line.lstrip().startswith("|") and following.lstrip().startswith("|")
        return not is_row and bool(_BLOCK.match(line) or _BLOCK.match(following))

    def _stop_ends(self, before: str, end: int, *, final: bool) -> bool | None:
        """Whether a stop within a line does, `before` leading up to it and `end` being where the next word begins."""
        line = before.rsplit("\n", maxsplit=1)[-1]
        if re.fullmatch(r"\s*\d+\.", line) or self._is_title(before):
            return False
        following = self._text[end : end + _ENOUGH]
        bare = following.lstrip(_OPENING)
        if not bare and not final:
            return None
        following = bare or following
        needed = following[:1]
        if _SHORT.search(before[-_LONGEST_WORD:]):
            word = _WORD.match(following)
            if word is None and not final and len(following) < _LONGEST_WORD:
                return None
            needed = word.group() if word else following
            if self._language == "de" and ordinals.is_open(before):
                return ordinals.opens(needed)
        return self._certain(end, needed[:_LONGEST_WORD])

    def _is_title(self, text: str) -> bool:
        """Whether the text ends with an abbreviation that a name or number must follow."""
        table = wording(self._language)
        return any(
            text.endswith(key) and not text[: -len(key)][-1:].isalnum()
            for words in (table.titles, table.before_name)
            for key in words
            if key.endswith(".")
        )

    def _certain(self, end: int, following: str) -> bool:
        """Whether sentencex parts the text at `end` when so much follows."""
        import sentencex  # native code that only who needs it loads

        head = self._text[max(0, end - _ENOUGH) : end]
        whole = head + following
        parts = sentencex.segment(self._language, whole)
        at = 0
        for part in parts:
            at += len(part)
            if len(head.rstrip()) <= at <= end:
                return at < len(whole)
        return False


def _aside_open(text: str) -> bool:
    """Whether a bracket or an asterisk opened lately and is not closed."""
    tail = text[-_LONGEST_ASIDE:]
    for opener, closer in _OPENERS.items():
        if tail.rfind(opener) > tail.rfind(closer):
            return True
    line = tail.rsplit("\n", maxsplit=1)[-1]
    stars = re.findall(r"(?<!\*)\*(?!\*)(?!\s*\d)", re.sub(r"^\s*\*\s", "", line))
    return len(stars) % 2 == 1


def _bounded(sentence: str) -> list[str]:
    """The sentence, in parts where it is longer than anybody's breath."""
    if len(sentence) <= _LONGEST:
        return [sentence] if sentence else []
    return pieces(sentence, _LONGEST // 2)
