"""Markup: markdown becomes the sentences that it shows, and what is played instead of said is taken out.

Knows nothing of numbers or engines. Headings, list items, table rows and paragraphs end like sentences; links and
pictures are their text; code blocks are left out unless there is nothing else.

*Emphasis or a stage direction?* Both are written in single asterisks. It is a direction when its first word, adverbs
left out, is one that is played ("*sighs*", "*lacht leise*"), or when it begins in lower case and stands where a
sentence may end and begin ("*tips his hat* Good evening."). All else is emphasis, and said; so are two asterisks.
Round brackets need a played word ("(laughs)"); square ones also hold any one or two lower-case words ("[door creaks]").
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from personify.voices.text.wording import is_played, wording

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
    if _played(inner, language):
        return True
    words = inner.split()
    if not words or len(words) > _LONGEST_DIRECTION or not words[0][:1].islower():
        return False
    begins = not before.strip() or bool(re.search(rf"(?:[.!?…。！？:;\"”»{CUE}{_CLOSE}]|\n)\s*$", before))
    ends = not after.strip() or bool(re.match(rf"\s*(?:\n|[{_OPEN}\"“„«¿¡]|[^\W\d_a-z])", after))
    lowered = re.match(r"\s*([^\W\d_])", after)
    return begins and ends and not (lowered and lowered.group(1).islower())


def _played(inner: str, language: str) -> bool:
    """Whether the first word that is no adverb is one that is played."""
    adverbs = {*wording(language).adverbs.split(), *wording("en").adverbs.split()}
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", inner.lower())
    if not words or len(words) > _LONGEST_DIRECTION:
        return False
    return is_played(next((word for word in words if word not in adverbs), words[0]), language)


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
