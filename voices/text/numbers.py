"""Numbers in words: cardinals, ordinals, years, decimals, digits one by one, in the languages of `spoken.toml`.

The words are num2words'; this adds what a reader does beyond it, and leaves digits where a language has no words for
them here, because espeak-ng and the engines with a reader of their own know more languages. Knows nothing of what
stands around a number.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache

from personify.voices.text.wording import Wording, wording

_LONGEST = 15
"""Digits; a longer number is read digit by digit, as people do."""
_SPACES = "\u00a0\u202f\u2009'’"
"""What may group digits in any language."""


class Numbers:
    """The numbers of one language, as they are written and said. Build it with `numbers_of`."""

    def __init__(self, language: str) -> None:
        from babel.numbers import get_decimal_symbol, get_group_symbol

        self.locale = locale_of(language)
        self.wording: Wording = wording(language)
        self._tag = _library_tag(language) if self.wording.point else ""
        self.point_sign = get_decimal_symbol(self.locale)
        group = get_group_symbol(self.locale)
        spaced = _SPACES + ("" if group.isspace() else group)
        if group.isspace() or self.locale[:2] in ("de", "es"):  # both part with spaces too
            spaced += " "
        dot = rf"|\d+\.\d+(?![\d{re.escape(self.point_sign)}]|\.\d)" if self.point_sign == "," else ""
        decimals = rf"(?:{re.escape(self.point_sign)}\d+(?![\d]))?"
        self.pattern = rf"(?:\d{{1,3}}(?:[{re.escape(spaced)}]\d{{3}})+(?!\d){decimals}{dot}|\d+{decimals})"
        """A regular expression for a number as the language writes it, without a sign."""
        self._groups = re.compile(rf"[{re.escape(spaced)}]")

    @property
    def words(self) -> bool:
        """Whether numbers become words; otherwise they stay digits."""
        return bool(self._tag)

    def value(self, written: str) -> Decimal:
        """What `pattern` has found, as a number."""
        plain = written
        if re.fullmatch(rf"\d{{1,3}}(?:{self._groups.pattern}\d{{3}})+(?:{re.escape(self.point_sign)}\d+)?", written):
            plain = self._groups.sub("", written)
        try:
            return Decimal(plain.replace(self.point_sign, "."))
        except InvalidOperation:
            return Decimal(re.sub(r"\D", "", written) or 0)

    def cardinal(self, value: Decimal | int) -> str:
        """3.5 as "three point five"; digits where the language has no words."""
        value = Decimal(value)
        whole, _, decimals = format(abs(value), "f").partition(".")
        sign = f"{self.wording.minus} " if value < 0 else ""
        if not self.words:
            number = whole + (self.point_sign + decimals if decimals else "")
            return (sign.strip() if not self.wording.spaces else sign) + number
        if self.wording.decimals == "library" and decimals.strip("0"):
            return sign + self._call(abs(value).normalize(), "cardinal")
        said = self.one_by_one(whole) if len(whole) > _LONGEST else self._call(int(whole), "cardinal")
        if decimals:
            short = self.wording.decimals == "number" and len(decimals) <= 2 and decimals[0] != "0"
            tail = self._call(int(decimals), "cardinal") if short else self.one_by_one(decimals)
            said = f"{said} {self.wording.point} {tail}"
        return sign + said

    def counted(self, value: Decimal | int, noun: str) -> str:
        """A cardinal as it goes before `noun`: "ein Kilometer", "veintiún libros", "une heure"."""
        said, table = self.cardinal(value), self.wording
        first = noun.split(" ", maxsplit=1)[0].lower()
        feminine = any(first in _forms(one.lower()) for one in table.feminine.split())
        if feminine and self._tag in ("es", "pt", "pt_BR"):
            said = re.sub(r"(ient|uzent|rezent|ocent|inhent)os\b(?!.*\b(?:millones|milhões))", r"\1as", said)
            said = re.sub(r"\bdois$", "duas", said)
        if not table.one or Decimal(value) % 1 or Decimal(value) % 10 != 1 or Decimal(value) % 100 == 11:
            return said
        one = table.one_feminine if feminine else table.one
        if Decimal(value) == 1:
            return one
        return re.sub(r"(?:un|uno|um)$", "ún" if said.endswith("veintiuno") and not feminine else one, said)

    def ordinal(self, value: int, *, feminine: bool = False) -> str:
        """3 as "third"; the cardinal where the language has none here."""
        if not self.words or value > 10**6:
            return self.cardinal(value)
        said = self._call(value, "ordinal")
        if feminine and self._tag in ("es", "it", "pt"):
            return re.sub(r"o\b", "a", said)
        if feminine and self._tag == "fr" and value == 1:
            return "première"
        if self._tag == "es":
            return re.sub(r"(primer|tercer)$", r"\1o", said)
        return said

    def year(self, value: int) -> str:
        """1984 as "nineteen eighty-four"."""
        return self._call(value, "year") if self.words and self.wording.years else self.cardinal(value)

    def one_by_one(self, digits: str) -> str:
        """Each digit by itself, as in a telephone number."""
        if self.wording.digits:
            return "".join(self.wording.digits[int(d)] for d in digits)
        return " ".join(self._call(int(d), "cardinal") if self.words else str(int(d)) for d in digits)

    def _call(self, value: Decimal | int, kind: str) -> str:
        return _in_words(value, self._tag, kind)


def _forms(noun: str) -> tuple[str, ...]:
    """A noun, and what may be its plural."""
    ones = noun, noun + "s", noun + "es", noun[:-1] + "ces", noun[:-1] + "e", noun[:-1] + "i"
    return (*ones, noun[:-2] + "ones", noun[:-2] + "ões") if noun.endswith(("ión", "ção")) else ones


@cache
def numbers_of(language: str) -> Numbers:
    """The numbers of a BCP 47 tag."""
    return Numbers(language)


@lru_cache(4096)
def _in_words(value: Decimal | int, tag: str, kind: str) -> str:
    from num2words import num2words

    try:
        said = str(num2words(value, lang=tag, to=kind))
    except (NotImplementedError, OverflowError):
        said = str(num2words(value, lang=tag))
    # Its commas part thousands ("one thousand, two hundred"), where a voice would pause.
    return said.replace(",", "").replace("\u00a0", " ").strip()


def _library_tag(language: str) -> str:
    """num2words' name for a language, with its region where that speaks other numbers ("septante")."""
    primary, *regions = language.replace("_", "-").split("-")
    region = regions[-1].upper() if regions else ""
    special = {"fr-BE", "fr-CH", "pt-BR"} & {f"{primary.lower()}-{region}"}
    return next(iter(special)).replace("-", "_") if special else primary.lower()


def locale_of(language: str) -> str:
    """babel's name for a BCP 47 tag, the language's own where the region is unknown to it, else English."""
    from babel import Locale, UnknownLocaleError

    for tag in (language, language.split("-", maxsplit=1)[0]):
        try:
            return str(Locale.parse(tag, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return "en"
