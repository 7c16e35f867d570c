"""Markup: markdown becomes the sentences that it shows, and what is played instead of said is taken out.

Knows nothing of numbers or engines. Headings, list items, table rows and paragraphs end like sentences; links and
pictures are their text; code blocks are left out unless there is nothing else.

*Emphasis or a stage direction?* Both are written in single asterisks. It is a direction only where it is no part of a
sentence, and when in doubt it is emphasis and said. A played verb in the third person ("*sighs*", "*laughs loudly*")
needs nothing, a stop or a comma before it. Any other played word ("*sigh*", "*laughing*", "*lacht leise*") must stand
alone: after a stop and before a new sentence. So must, in English, two words or more of which the first looks like a
third person or an -ing form ("*tips his hat* Good evening."). Two asterisks are always emphasis. Round brackets need a
played word, and if other words than adverbs follow it a third person ("(laughs)", "(clears throat)", not "(singing
optional)"); square ones also hold any one or two lower-case words ("[door creaks]").
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from personify.voices.text.wording import acts, is_played, wording

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

CUE = "\ue000"
"""Stands in the text where something is played."""
_OPEN, _CLOSE = "\ue001", "\ue002"
"""Around what was in single asterisks or underscores."""
_MARKED = re.compile(r"[*_`#>|\[\]~&\\]|^\s*(?:[-+]|\d+[.)])\s|^\s*={3,}\s*$|\n\s*\n", re.MULTILINE)
"""Without any of these it is no markdown."""
_MARKERS = re.compile(r"^(?:[ \t]*(?:>|[-*+](?=[ \t])))+", re.MULTILINE)
_DEEPEST = 30
"""Quotes and lists nested deeper are flattened: the parser would drop them."""
_ENDED = re.compile(r"[.!?…:;,。！？、，؟।۔][\"'”’»)\]」』\ue000\ue002\s]*$")
_ASIDE = re.compile(
    rf"{_OPEN}(?P<stars>[^{_OPEN}{_CLOSE}]*){_CLOSE}|\((?P<round>[^()\[\]\n]{{1,60}})\)|（(?P<wide>[^（）\n]{{1,30}})）"
    r"|(?<!\[)\[(?P<square>[^()\[\]\n]{1,60})\](?![\[(])"
)
_ONE_OR_TWO = re.compile(r"[^\W\d_A-Z]+(?: [^\W\d_A-Z]+)?")
_LOOSE = re.compile(r"(?<!\*)\*(?=[^\s*\d])([^*\n]{1,80})(?<=[^\s*])\*(?!\*)")
_PRODUCT = re.compile(r"(?<=\d)[ \t]*\*[ \t]*(?=\d)")
_REFERENCE = re.compile(r"\[(?:\d{1,3}|sic)\]")
_BEGINS = re.compile(rf"(?:^|[.!?…。！？:;\"”»{CUE}{_CLOSE}\n])\s*$")
"""Before what stands after the end of a sentence, or of another direction."""
_COMMA = re.compile(r"[,，、،]\s*$")
_ENDS = re.compile(rf"\s*(?:$|\n|…|\.\.|[{_OPEN}\"“„«¿¡]|[^\W\d_a-zà-öø-ÿ])")
"""What a new sentence begins with."""
_GOES_ON = re.compile(r"\s*(?:are|were|of|with|for|at|to|on|like|that|and|or|me|my|her|his|can|will)\b")
"""What a word that looks like a third person is part of a sentence with."""
_LOOKS_ACTED = re.compile(
    r"(?!(?:this|is|was|has|does|its|his|hers|us|as|yes|ours|yours|theirs|thus|plus|always|perhaps|sometimes|besides"
    r"|towards|afterwards|thanks|unless|less|congrats|lots|loads|tons|morning|evening|during|being|darling|feeling"
    r"|amazing|according|including|considering|regarding)\b)(?:[a-z]{2,}[^s\W]s|[a-z]*[aeiouy][a-z]+(?<!th)ing)$"
)
_LONGEST_DIRECTION = 8
"""Words; a longer one is a sentence."""


@dataclass
class _Lines:
    """What the blocks say, line by line; a line of a list, a table or a heading ends like a sentence."""

    lines: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)

    def add(self, line: str, stop: str) -> None:
        """Adds what has something in it, and ends the line before like a sentence."""
        if line.strip():
            if self.lines and not _ENDED.search(self.lines[-1]):
                self.lines[-1] += stop
            self.lines.append(line.strip())


def unmarked(text: str, language: str) -> tuple[str, list[str]]:
    """`text` as it is read, with `CUE` where something is played, and what is played there, in order.

    The characters U+E000 to U+E002 must not be in `text`.
    """
    shown = _shown(text, language) if _MARKED.search(text) else text
    cues: list[str] = []

    def said(match: re.Match[str]) -> str:
        if _REFERENCE.fullmatch(match.group()):
            return ""
        kind = match.lastgroup or ""
        inner = match.group(kind)
        if kind == "stars":
            played = _is_direction(
                inner,
                shown[max(0, match.start() - 40) : match.start()],
                shown[match.end() : match.end() + 40],
                language,
            )
        else:
            played = _played(inner, language) or (kind == "square" and bool(_ONE_OR_TWO.fullmatch(inner)))
        if not played:
            return inner if kind == "stars" else match.group()
        cues.append(" ".join(inner.split()))
        return CUE

    return _ASIDE.sub(said, shown).replace(_OPEN, "").replace(_CLOSE, ""), cues


def _is_direction(inner: str, before: str, after: str, language: str) -> bool:
    """Whether what is in asterisks between `before` and `after` is played."""
    words = inner.split()
    if not words or len(words) > _LONGEST_DIRECTION:
        return False
    alone = bool(_BEGINS.search(before)) and bool(_ENDS.match(after))
    first, rest = _first(inner, language)
    lower, english = words[0][:1].islower(), _is_english(language)
    if not is_played(first, language):
        return alone and lower and english and bool(rest) and bool(_LOOKS_ACTED.match(first))
    if acts(first):
        return bool(_BEGINS.search(before) or _COMMA.search(before)) and not _GOES_ON.match(after)
    return alone and (lower or not english or first.endswith("ing"))


def _played(inner: str, language: str) -> bool:
    """Whether what is in brackets is played: by its first word that is no adverb, and by what follows that."""
    first, rest = _first(inner, language)
    if not first or len(inner.split()) > _LONGEST_DIRECTION or not is_played(first, language):
        return False
    return not rest or first.endswith("s") or not _is_english(language)


def _first(inner: str, language: str) -> tuple[str, list[str]]:
    """The first word that is no adverb, in lower case, or the very first; and the words beside it that are none."""
    adverbs = {*wording(language).adverbs.split(), *wording("en").adverbs.split()}
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", inner.lower())
    telling = [word for word in words if word not in adverbs] or words[:1]
    return (telling[0], [word for word in telling[1:] if not word.endswith("ly")]) if telling else ("", [])


def _is_english(language: str) -> bool:
    return language.lower().split("-", maxsplit=1)[0] == "en"


def _shown(text: str, language: str) -> str:
    """What the markdown shows, one line a block."""
    stop = "。" if not wording(language).spaces else "."
    text = _PRODUCT.sub(" * ", text)
    flat = _MARKERS.sub(lambda m: "" if len(re.sub(r"\s", "", m.group())) > _DEEPEST else m.group(), text)
    found = _Lines()
    tokens = _parser().parse(flat)
    counts = _list_lengths(tokens)
    prefix = ""
    row: list[str] | None = None
    for i, token in enumerate(tokens):
        if token.type == "list_item_open" and token.info:
            prefix = f"{token.info}{':' if counts[i] > 1 else token.markup} "
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            found.add(_ended(", ".join(cell for cell in row if cell.strip()), stop) if any(row) else "", stop)
            row = None
        elif token.type in ("fence", "code_block"):
            found.code.append(token.content)
        elif token.type == "inline":
            line = prefix + _inline(token.children or [])
            prefix = ""
            if row is not None:
                row.append(line)
            else:
                found.add(line, stop)
                if tokens[i - 1].type == "heading_open" or token.level > 1:
                    found.lines[-1:] = [_ended(line, stop) for line in found.lines[-1:]]
    said = "\n".join(found.lines)
    return said if re.search(r"\w", said) else "\n".join([said, *found.code]).strip()


def _ended(line: str, stop: str) -> str:
    return line if _ENDED.search(line) else line + stop


def _list_lengths(tokens: "list[Token]") -> dict[int, int]:
    """For the place of each numbered item's token the number of items in its list."""
    lengths: dict[int, int] = {}
    open_lists: list[list[int]] = []
    for i, token in enumerate(tokens):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            open_lists.append([])
        elif token.type == "list_item_open":
            open_lists[-1].append(i)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            items = open_lists.pop()
            lengths.update(dict.fromkeys(items, len(items)))
    return lengths


def _inline(tokens: "list[Token]") -> str:
    """The text of one line's tokens, with what is in single asterisks between marks."""
    said: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            said.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            said.append("\n")
        elif token.type == "image":
            said.append(_inline(token.children or []))
        elif token.type == "em_open":
            said.append(_OPEN)
        elif token.type == "em_close":
            said.append(_CLOSE)
    # What the parser leaves because of the letters beside it ("said*sighs*") is meant all the same.
    return _LOOSE.sub(rf"{_OPEN}\1{_CLOSE}", "".join(said))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # only who reads markdown needs it

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 4 * _DEEPEST}).enable(["table", "strikethrough"])
    # Indented text is no code in a talk, and a reference's definition would vanish with its words.
    return parser.disable(["code", "reference", "html_block", "html_inline"])
