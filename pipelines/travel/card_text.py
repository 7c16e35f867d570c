"""What the texts of character cards hold: macros, actions between asterisks, speech, and lists of attributes.

Knows nothing of personas. Every pattern is bounded, and every text is cut before it is searched: its writer is unknown.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LONGEST = 20_000
"""Characters that are read of one text; what is beyond stays in the card."""
USER = "\ue000"
"""Stands for {{user}} until it is known whether it is spoken to or of; a private-use character that no text keeps."""

_MACRO = re.compile(r"\{\{([^{}]{0,400})\}\}")
_OLD_CHAR, _OLD_USER = re.compile(r"<(?:bot|char)>", re.I), re.compile(r"<user>", re.I)
_MARKUP = re.compile(
    r"!\[[^\]]{0,200}\]\([^)]{0,400}\)|</?[a-zA-Z][^<>]{0,300}>|\(\([^()]{0,600}\)\)|\bhttps?://\S{1,400}"
    r"|^[ \t]*(?:#{1,6}|[-*_]{3,80})[ \t]*$|[\u2028\u2029]",
    re.M,
)
_FENCE = re.compile(r"^[ \t]*```[\w-]{0,40}[ \t]*$", re.M)
"""A line that begins or ends code; what is told of a character between two is told all the same."""
_APART = (("```", "```"), ("<!--", "-->"))
"""Code and comments, which may be long: from the first mark to the second."""
_LINK = re.compile(r"(?<!!)\[([^\[\]]{1,200})\]\([^()]{1,400}\)")
_BOLD = re.compile(r"\*\*([^*]{1,200})\*\*|__([^_]{1,200})__")
_ACTION = re.compile(r"\*[^*]{1,3000}\*|(?<!\w)_[^_\n]{1,3000}_(?!\w)")
_EMPHASIS = re.compile(r"(?<=[\w,] )\*(\w[\w']{0,20}(?: \w[\w']{0,20})?)\*(?=[ ,.!?;:]+(?:[a-z]|$))")
_QUOTED = re.compile(
    r'"([^"\n]{1,2000})"|“([^“”]{1,2000})”|«([^«»]{1,2000})»|「([^「」]{1,2000})」|„([^„“”]{1,2000})[“”]'
)
_STOPS = ".!?…。！？"
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][\"'”’)])\s+|(?<=[。！？])|\n+")
_WPP = re.compile(r"([A-Za-z][\w /'-]{0,40})\(\s?((?:\"[^\"]{0,600}\"[\s+]{0,20}){1,60})\)")
_WPP_BARE = re.compile(r"([A-Za-z][\w /'-]{0,40})\(([^()\"]{1,800})\)")
_LIST = re.compile(r"\[([^\[\]]{3,4000})\]")
_LINE = re.compile(r"[-*•#>+ \t]{0,8}([A-Za-z][\w /'-]{0,40}?)[* ]{0,4}[:=][* ]{0,4}(\S.{0,2000})")
_TURN = re.compile(rf"\s*(?:<start>|(?:{USER}|you|user|the user)\s*:)", re.I)
"""Where somebody else's turn begins in a dialogue, or another dialogue."""
_ENOUGH = 3
"""So many lines that look like "Key: value" are a list of attributes, even where the keys aren't known."""


@dataclass(frozen=True)
class Attribute:
    """One attribute of a card: its name as written, and its values."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Described:
    """A description taken apart: attributes, the lines that the character says in it, and the prose that is left."""

    attributes: tuple[Attribute, ...]
    lines: tuple[str, ...]
    prose: str


def fill(text: str, name: str) -> str:
    """The text with {{char}} as the name, {{user}} as `USER`, and other macros as what they come to first."""
    text = text[:LONGEST].replace(USER, "")
    for _ in range(3):  # macros within macros
        filled = _MACRO.sub(lambda found: _macro(found[1].strip(), name), text)
        if filled == text:
            break
        text = filled[:LONGEST]
    return _OLD_USER.sub(USER, _OLD_CHAR.sub(name.replace("\\", ""), text))


def _macro(said: str, name: str) -> str:
    key, _, rest = said.partition(":")
    key = key.strip().lower()
    if key in ("char", "bot", "charname"):
        return name
    if key in ("user", "persona"):
        return USER
    if key in ("random", "pick"):
        return re.split(r"(?<!\\),|::", rest.strip(": "))[0].replace("\\,", ",").strip()
    if key == "reverse":
        return rest.strip()[::-1]
    return ""


def told(text: str, name: str) -> str:
    """A text about the character as plain lines: no macros, markup or emphasis; {{user}} is "the user"."""
    text = _BOLD.sub(r"\1\2", _bare(_FENCE.sub(" ", text[:LONGEST]), name))
    return text.replace(USER, "the user")


def spoken(text: str, name: str, *, english: bool = True) -> str:
    """What is said aloud in a message: no actions, no narration around quoted speech; {{user}} is addressed."""
    text = _bare(text, name)
    text = _EMPHASIS.sub(r"\1", _BOLD.sub(r"\1\2", text))
    text = _ACTION.sub(" ", text)
    quotes = [next(filter(None, found.groups())) for found in _QUOTED.finditer(text)]
    if sum(len(quote.split()) for quote in quotes) >= 3 or (quotes and len(quotes[0]) > 12):
        text = " ".join(_ended(quote) for quote in quotes)
    text = re.sub(r" ([.,](?:\s|$))", r"\1", " ".join(text.replace("*", " ").split())).strip('~ -–—"“”')
    return _addressed(text, english)


def _bare(text: str, name: str) -> str:
    """The text filled in, without markup."""
    text = _LINK.sub(r"\1", fill(text, name))
    for begin, end in _APART:
        text = _without(text, begin, end)
    return _MARKUP.sub(" ", text)


def _without(text: str, begin: str, end: str) -> str:
    """The text without what stands between the two marks; each place is looked at once, also where no mark ends."""
    kept, at = [], 0
    while (begun := text.find(begin, at)) >= 0 and (ended := text.find(end, begun + len(begin))) >= 0:
        kept += [text[at:begun], " "]
        at = ended + len(end)
    return "".join([*kept, text[at:]])


def _ended(quote: str) -> str:
    """A quote as a sentence: "Hello," she said."""
    quote = quote.strip()
    return quote[:-1] + "." if quote.endswith(",") else quote


def _addressed(text: str, english: bool) -> str:
    """The user's name is not known: it is left out where somebody is called by it."""
    text = re.sub(rf"{USER}(?:さん|くん|ちゃん|さま|様|君|씨|님)", USER, text)
    text = re.sub(rf"{USER}['’]s\b", "your", text) if english else text
    text = re.sub(rf"(?:^|(?<=[.!?…] )){USER}\s?[,.!?]*\s?", "", text)
    text = re.sub(rf",?\s?{USER}(?=\s?[,.!?;:…~、。！？]|$)", "", text)
    text = text.replace(USER, "you" if english else "").strip(" ,、")
    return " ".join(text.split())[:1].upper() + " ".join(text.split())[1:]


def sentences(text: str) -> list[str]:
    """The sentences of a text, each on one line."""
    return [clean for part in _SENTENCE.split(text[:LONGEST]) if (clean := " ".join(part.split()))]


def first_sentences(text: str, most: int) -> str:
    """As many whole sentences from the start as fit into `most` characters; of a first one that doesn't fit, words."""
    kept = ""
    for sentence in sentences(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > most:
            break
        kept = longer
    if kept:
        return kept
    cut = " ".join(text[: most + 1].split())
    return cut if len(cut) <= most else cut[:most].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def dialogue(text: str, name: str, called: str) -> Iterator[str]:
    """What the character says in examples: lines or paragraphs that begin with its name."""
    filled = fill(text, called)
    mine = re.compile(rf"\s*(?:{re.escape(name)}|{re.escape(called)})\s*:\s*", re.I)
    speaks = False
    held: list[str] = []
    for line in [*filled.splitlines(), "<START>"]:
        begun = mine.match(line)
        if begun or _TURN.match(line):
            if held:
                yield "\n".join(held)
            held = []
            speaks = bool(begun)
        said = line[begun.end() :] if begun else line
        if speaks and said.strip():
            held.append(said)


def describe(text: str, name: str, called: str) -> Described:
    """Takes a description apart, whichever of the usual forms it has: W++, PList, "Key: value", Ali:Chat, prose."""
    plain = told(text, called)
    found: list[Attribute] = []
    plain = _WPP.sub(lambda m: _keep(found, m[1], re.findall(r'"([^"]{0,600})"', m[2])), plain)
    if found or re.search(r"\[\s*character\s*\(", plain[:400], re.I):
        plain = _WPP_BARE.sub(lambda m: _keep(found, m[1], re.split(r"\s?\+\s?", m[2])), plain)
        plain = re.sub(r"[{}\[\]]", " ", plain)
    plain = _LIST.sub(lambda m: _plist(found, m[1], name, called), plain)
    lines = tuple(dialogue(plain, name, called))
    speakers = {name.casefold(), called.casefold(), "the user", "user", "you"}
    rest, keyed = [], []
    for line in plain.splitlines():
        heard = _LINE.fullmatch(line.strip())
        if heard and heard[1].strip().casefold() in speakers:
            continue
        if heard and len(heard[1].split()) <= 4:
            keyed.append((line, heard))
        else:
            rest.append(line)
    known = {line for line, heard in keyed if meaning(heard[1])}
    for line, heard in keyed:
        if len(keyed) >= _ENOUGH or line in known:
            _keep(found, heard[1], _parts(heard[2]))
        else:
            rest.append(line)
    return Described(tuple(found), lines, "\n".join(line for line in rest if any(c.isalnum() for c in line)).strip())


def _plist(found: list[Attribute], inside: str, name: str, called: str) -> str:
    """[Name's persona: kind, shy; likes: tea] as attributes; brackets that hold no such thing stay."""
    mark = ":" if ":" in inside.split('"', maxsplit=1)[0] else "="
    pairs = [part.partition(mark) for part in inside.split(";")]
    if not all(sign and key.strip() and len(key) < 60 for key, sign, _ in pairs):
        return f"[{inside}]"
    for key, _, values in pairs:
        bare = re.sub(r"['’]s\b", "", key).strip()
        for called_so in (name, called):
            if bare.casefold().startswith(called_so.casefold()):
                bare = bare[len(called_so) :].strip() or "personality"
        _keep(found, bare, _parts(values))
    return " "


def _keep(found: list[Attribute], key: str, values: list[str]) -> str:
    clean = tuple(dict.fromkeys(part for value in values[:60] if (part := " ".join(value.split()).strip(' "'))))
    if clean and len(found) < 200:
        found.append(Attribute(" ".join(key.split()).strip(" -*_"), clean))
    return " "


def _parts(text: str) -> list[str]:
    """A list in words: by semicolons, plus signs or commas, unless it is prose."""
    text = text.strip().strip("[]{}")
    if re.search(r"[.!?]\s+[A-Z]", text):
        return [text]
    for mark in (r";", r" \+ ", r",(?!(?<=\d,)\d{3}(?!\d))"):  # 2,000 is one number
        if len(parts := re.split(mark, text)) > 1:
            return [part.strip(" .\"'") for part in parts]
    return [text.strip(" .")]


@cache
def words() -> dict[str, Any]:
    """The table of keys and genders."""
    return tomllib.loads(files("personify.pipelines.travel").joinpath("card_words.toml").read_text("utf-8"))


def meaning(key: str) -> str:
    """What an attribute of this name says, such as "traits", or ""."""
    return _meanings().get(" ".join(re.sub(r"[^a-z/ ]", " ", key.lower()).split()), "")


@cache
def _meanings() -> dict[str, str]:
    """What each name of an attribute says, singular and plural; of one that stands twice the first counts."""
    found: dict[str, str] = {}
    for what, names in words()["keys"].items():
        for name in (f"{each}{end}" for each in names for end in ("", "s", "es")):
            found.setdefault(name, what)
    return found
