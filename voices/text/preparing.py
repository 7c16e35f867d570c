"""Preparing: a text as a person or a language model writes it becomes the words that a voice says.

Every engine gets the same words: engines read digits, signs and abbreviations differently or not at all, and alignment
compares a sound with espeak-ng's reading of them. What is played ("*sighs*") is handed back beside the words.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from personify.voices.text.cleaning import beginning, clean, speakable
from personify.voices.text.figures import figures_said
from personify.voices.text.markup import CUE, unmarked
from personify.voices.text.numbers import numbers_of
from personify.voices.text.wording import Wording, wording


@dataclass(frozen=True)
class Cue:
    """Something that is played and not said: its words as written, and the place in the prepared text before which."""

    words: str
    at: int


@dataclass(frozen=True)
class Prepared:
    """The words to say, in one language, and the cues in order of place. `text` is empty where nothing is said."""

    text: str
    cues: tuple[Cue, ...] = ()


def prepare(text: str, language: str = "en", *, name_emoji: bool = True) -> Prepared:
    """`text` as it is said in `language`, a BCP 47 tag.

    Emoji beside words make no sound; of a text of nothing else the names are said, where there are names in the
    language and `name_emoji` allows. Whatever looks like SSML or an engine's own markup is text.
    """
    read, played = unmarked(_plain(text), language)
    read = _addresses(read, language)
    read = _emoji(read, language, name=name_emoji)
    read = _abbreviations(read, language)
    read = _COMPARED.sub(r" \1\2 ", _TIMES.sub(" × ", _rulers(read, language)))
    read = figures_said(read, language)
    read = _signs(read, language)
    read = _BEFORE_MARK.sub("", clean(read, keep=CUE))
    return _with_cues(read, played)


_BEFORE_MARK = re.compile(r"(?<=\S) +(?=[.,;:!?…])")


def _plain(text: str) -> str:
    """In composed form, without control and private-use characters, which later steps use as marks."""
    return "".join(
        char if char in "\n\t" else "\n" if char in "\r\v\f\x85\u2028\u2029" else " "
        if unicodedata.category(char) in ("Cc", "Co", "Cs") else char
        for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    )  # fmt: skip


def _with_cues(text: str, played: list[str]) -> Prepared:
    """The text without the marks of its cues, and where these stood."""
    said, places = "", []
    for i, part in enumerate(text.split(CUE)):
        if i:
            places.append(len(said))
        said = _followed(said, part.strip(" "))
    lead = len(said) - len(said.lstrip(" \n.,;:"))
    said = said[lead:].rstrip() if speakable(said) else ""
    at = [min(max(0, place - lead), len(said)) for place in places]
    return Prepared(said, tuple(Cue(words, place) for words, place in zip(played, at, strict=True)))


def _followed(said: str, part: str) -> str:
    """Joined as if nothing had stood between: one space, and one mark where both have one."""
    if not said or not part:
        return said + part
    if said[-1] in ".!?…。！？\n":
        part = part.lstrip(".,;:!?…")
    glued = not part or part[0] in ".,;:!?…。！？，、\n" or said[-1] == "\n"
    return said + ("" if glued else " ") + part


# ---- addresses

_TOP = (
    "com org net edu gov io ai dev app info biz eu uk de fr es it nl pt pl ch at be ru jp cn kr br in us ca au tv me co"
)
_URL = re.compile(
    r"(?:https?://|www\.)(?P<host>[\w.-]+\w)(?::\d+)?(?:[/?#][^\s<>\"]*[\w/=&#])?"
    rf"|(?<![\w@.-])(?P<bare>(?:[a-z0-9-]+\.)+(?:{'|'.join(_TOP.split())}))(?:/[^\s<>\"]*[\w/=&#])?(?![\w.-]*\w)",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(
    r"(?<![\w.+-])(?:mailto:)?(?P<who>[\w.+-]+)@(?P<host>(?:[\w-]+\.)+[a-z]{2,})", re.IGNORECASE | re.ASCII
)


def _addresses(text: str, language: str) -> str:
    """Web addresses as their host alone, e-mail addresses in full, in the language's words for dot and at."""
    table = wording(language)
    dot, at = table.dot or ".", table.at or "@"

    def host(name: str) -> str:
        labels = name.lower().removeprefix("www.").split(".")
        if len(labels) > 1 and len(labels[-1]) == 2:  # a country is spelled
            labels[-1] = " ".join(labels[-1].upper())
        return f" {dot} ".join(label.replace("-", " ") for label in labels if label)

    def mailbox(match: re.Match[str]) -> str:
        who = re.sub(r"[._+-]+", lambda m: f" {dot} " if "." in m.group() else " ", match["who"]).strip()
        return f" {who} {at} {host(match['host'])} "

    text = _EMAIL.sub(mailbox, text) if "@" in text else text
    if "." not in text:
        return text
    return _URL.sub(lambda m: f" {host(m['host'] or m['bare'])} ", text)


# ---- emoji

_MAYBE_EMOJI = re.compile("[\u00a9\u00ae\u203c-\u3299\ufe0f\u20e3\U0001f000-\U0001faff]")
_KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
_FACE = re.compile(
    r"(?<![^\s.,!?])(?:[:;]['^-]?3|[:;=]['^-]?[)(DPpOo|/\\]|(?<![\d=]\s)(?<!\b[a-tv-z]\s)<3|\^\^|[xX]D)(?![\w/]|[.,]\d)"
)
"""`=3` and `<3` after a number, an equals sign or a letter that stands for a number are arithmetic."""


def _emoji(text: str, language: str, *, name: bool) -> str:
    """Without emoji and typed faces; a text of emoji alone becomes their names."""
    text = _FACE.sub(" ", _KEYCAP.sub(r" \1 ", text))
    if not _MAYBE_EMOJI.search(text):
        return text
    import emoji  # only who meets one needs it

    rest = emoji.replace_emoji(text, " ")
    primary = language.lower().split("-", maxsplit=1)[0]
    if speakable(rest.replace(CUE, "")) or not name or primary not in emoji.LANGUAGES:
        return rest
    named = emoji.demojize(text, language=primary, delimiters=(" \ue001", "\ue002 "))
    names = [found.replace("_", " ") for found in re.findall("\ue001([^\ue002]*)\ue002", named)]
    once = [found for i, found in enumerate(names) if not i or names[i - 1] != found]
    return ", ".join(once) + text.count(CUE) * CUE if once else rest


# ---- words written short


def _abbreviations(text: str, language: str) -> str:
    """Written out; the stop of one that ends a sentence stays where the sentence ends."""
    for pattern, said in _short_forms(language):
        text = pattern.sub(beginning(said), text)
    return text


@cache
def _short_forms(language: str) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]:
    table = wording(language)
    upper = r"[^\W\d_a-zà-öø-ÿ]"
    kinds: list[tuple[dict[str, str], str, str]] = [
        (table.before_number, "", r"(?=\s?\d)"),
        (table.before_name, "", rf"(?=\s{upper}[^\W\d_])"),
        (table.after_name, r"(?<=[^\W\d_]\s)", ""),
        (table.titles, "", rf"(?=\s{upper})" if "M." in table.titles or "S." in table.titles else ""),
        (table.ending, "", ""),
        (table.abbreviations, "", ""),
    ]
    rules = []
    for words, before, after in kinds:
        if not words:
            continue
        keys = sorted(words, key=len, reverse=True)
        written = "|".join(re.escape(key).replace(r"\ ", r"\s?") for key in keys)
        pattern = re.compile(rf"(?<![\w.@]){before}(?P<key>{written})(?!\w){after}")
        lookup = {re.sub(r"\s", "", key): said for key, said in words.items()}
        stays = words is table.ending or words is table.after_name
        rules.append((pattern, _written_out(lookup, stays, ends=words not in (table.before_number, table.before_name))))
    return rules


def _written_out(lookup: dict[str, str], stays: bool, *, ends: bool) -> Callable[[re.Match[str]], str]:
    """`stays`: its stop also ends a sentence before a capital; otherwise only at the end of the text."""

    def said(match: re.Match[str]) -> str:
        key, rest = match["key"], match.string[match.end() :]
        words = lookup[re.sub(r"\s", "", key)]
        at_end = not rest.strip(" \"')»”’") or rest.lstrip(" \"')»”’").startswith("\n")
        capital = bool(re.match(r"[\"')»”’]*\s+[\"'(«“‘¿¡]*[^\W\d_a-zà-öø-ÿ]", rest))
        stop = "." if key.endswith(".") and ends and (at_end or (stays and capital)) else ""
        return words + stop

    return said


_ROMAN = re.compile(
    r"\b(?P<name>[^\W\d_][^\W\d_]+)\s(?P<n>X{0,3}(?:IX|IV|V?I{0,3}))(?P<stop>\.?)(?![\w'’-])(?=(?P<rest>.?))",
    re.DOTALL,
)


_SPEAKER = re.compile(
    r"\s+(?:(?:really|just|never|always|also|still|only|truly)\b|(?:do|did|would|could|should|wo|ca|have|had)n['’]t\b"
    r"|(?:am|think|believe|love|like|know|have|had|will|would|can|could|should|must|do|did|saw|see|want|need|say|said"
    r"|met|read|wrote|hope|guess|mean|feel|miss|hate)\b)"
)
"""What the word I does, where a numeral might have stood."""
_FRENCH = re.compile(r"\b(?P<n>(?=[XVI])X{0,3}(?:IX|IV|V?I{0,3}))(?P<end>er|re|e|ème)\b")


def _rulers(text: str, language: str) -> str:
    """Roman numerals after a name: "Henry VIII" is the Eighth, chapter IV is four. A lone I is a ruler's or a word.

    In English it is who speaks after a part in lower case ("the book I read") and before what one does or thinks.
    """
    table = wording(language)
    if not table.regnal or not numbers_of(language).words:
        return text
    kings = set(table.kings.split())
    parts = set(table.parts.split())
    numbers = numbers_of(language)

    def said(match: re.Match[str]) -> str:
        name, roman = match["name"], match["n"]
        value = _roman(roman)
        part = name.lower() in parts
        if not value or not (part or name in kings or (len(roman) > 1 and name[0].isupper() and not name.isupper())):
            return match.group()
        if roman == "I" and name not in kings and not part:
            return match.group()
        after = match.string[match.end() : match.end() + 20]
        if roman == "I" and language[:2] == "en" and ((part and name.islower()) or _SPEAKER.match(after)):
            return match.group()
        ends = not match.string[match.end() :].strip()
        stop = match["stop"] if (language[:2] != "de" or ends) else ""
        if part:
            return f"{name} {numbers.cardinal(value)}{stop}"
        queen = name in table.queens.split() or (language[:2] in ("es", "it", "pt") and name.endswith("a"))
        ordinal = numbers.ordinal(value, feminine=queen)
        if table.regnal == "{cardinal}":
            said = numbers.ordinal(1, feminine=queen) if value == 1 else numbers.cardinal(value)
        elif value > table.regnal_ordinals:
            said = numbers.cardinal(value)
        else:
            article = "die" if queen else "der"
            said = table.regnal.format(
                ordinal=ordinal.capitalize() if language[:2] in ("en", "de", "nl") else ordinal, article=article
            )
        return f"{name} {said}{stop}"

    if language[:2] == "fr":  # XXe siècle, François Ier
        text = _FRENCH.sub(lambda m: numbers.ordinal(_roman(m["n"]), feminine=m["end"] == "re"), text)
    return _ROMAN.sub(beginning(said), text)


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in numeral]
    return sum(-v if i + 1 < len(values) and v < values[i + 1] else v for i, v in enumerate(values))


# ---- signs

_TIMES = re.compile(r"(?<=\d) ?[x×] ?(?=\d)|(?<=\d)x\b")
_COMPARED = re.compile(r"(?:(?<=\w)\s?(<)|(?:(?<=\d)|(?<=\w)\s)(>))\s?(?=\d)")
"""Parted from the figure behind it, which becomes a word; a tag's end is none."""
_TAG = re.compile(r"#(?=[^\W\d_])")


def _signs(text: str, language: str) -> str:
    """Signs between words or numbers in words; what has none in the language is left to the engine."""
    text = _TAG.sub("", text)
    text = re.sub(r"[/\\|]", " ", text)
    table: Wording = wording(language)
    for sign, said in table.symbols.items():
        if sign in text and said:
            text = _sign_pattern(sign).sub(f" {said} ", text)
    return re.sub(r"[<>{}^\\~=]+", " ", text) if table.symbols else text


@cache
def _sign_pattern(sign: str) -> re.Pattern[str]:
    """`*`, `<`, `>`, `~` and `#` are signs only between words or numbers; elsewhere they are somebody's markup."""
    escaped = re.escape(sign)
    if sign in "<>*":
        return re.compile(rf"(?<=\w)\s?{escaped}\s?(?=\d)|(?<=\d)\s?{escaped}\s?(?=\w)|(?<=\w) {escaped} (?=\w)")
    if sign in "~#№":
        return re.compile(rf"{escaped}(?=\s?\w)")
    return re.compile(escaped)
