"""Figures: what is written with digits becomes what is said, from dates and prices to a telephone number.

Each kind is one rule; they run from the most particular to the plain number, and what a rule has said holds no digits
that a later one could take. Names of units, currencies and months are CLDR's, through babel (BSD-3-Clause).
"""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

from personify.voices.text.cleaning import beginning
from personify.voices.text.dates import Dates
from personify.voices.text.numbers import Numbers, numbers_of
from personify.voices.text.wording import Wording

_UNITS = {
    "km": "length-kilometer", "m": "length-meter", "cm": "length-centimeter", "mm": "length-millimeter",
    "nm": "length-nanometer", "mi": "length-mile", "ft": "length-foot", "yd": "length-yard",
    "kg": "mass-kilogram", "g": "mass-gram", "mg": "mass-milligram", "lb": "mass-pound", "lbs": "mass-pound",
    "oz": "mass-ounce", "t": "mass-tonne", "l": "volume-liter", "L": "volume-liter", "ml": "volume-milliliter",
    "mL": "volume-milliliter", "cl": "volume-centiliter", "km/h": "speed-kilometer-per-hour",
    "kmh": "speed-kilometer-per-hour", "kph": "speed-kilometer-per-hour", "mph": "speed-mile-per-hour",
    "m/s": "speed-meter-per-second", "°C": "temperature-celsius", "℃": "temperature-celsius",
    "°F": "temperature-fahrenheit", "℉": "temperature-fahrenheit", "°": "angle-degree",
    "kB": "digital-kilobyte", "KB": "digital-kilobyte", "MB": "digital-megabyte", "GB": "digital-gigabyte",
    "TB": "digital-terabyte", "Hz": "frequency-hertz", "kHz": "frequency-kilohertz", "MHz": "frequency-megahertz",
    "GHz": "frequency-gigahertz", "W": "power-watt", "kW": "power-kilowatt", "MW": "power-megawatt",
    "kWh": "energy-kilowatt-hour", "V": "electric-volt", "kcal": "energy-kilocalorie", "J": "energy-joule",
    "kJ": "energy-kilojoule", "hPa": "pressure-hectopascal", "bar": "pressure-bar", "h": "duration-hour",
    "hrs": "duration-hour", "min": "duration-minute", "sec": "duration-second", "s": "duration-second",
    "ms": "duration-millisecond", "m²": "area-square-meter", "m2": "area-square-meter",
    "km²": "area-square-kilometer", "km2": "area-square-kilometer", "cm²": "area-square-centimeter",
    "ha": "area-hectare", "m³": "volume-cubic-meter", "m3": "volume-cubic-meter", "px": "graphics-pixel",
}  # fmt: skip
"""Signs (SI Brochure, 9th edition, and common ones beside it) to the units of CLDR."""
_SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR", "R$": "BRL",
          "₽": "RUB", "₩": "KRW", "₺": "TRY", "₴": "UAH", "zł": "PLN", "元": "CNY", "円": "JPY"}  # fmt: skip
_CODES = ("USD", "EUR", "GBP", "JPY", "CHF", "INR", "CNY", "BRL", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "RUB")
_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅛": "1/8"}
_FUNCTION = (
    "a about above after an and are as at away before below but by can could did do does down each every for from had "
    "has have he her high his i if in into is it long of off on once or our out over per she should so than that the "
    "their then there they this to under up was we were when where which while who will with would you deep tall wide "
    "east north south west ago later apart further"
)
"""English words after a measure that it doesn't count or describe."""
_DETERMINERS = r"\b(?i:a|an|the|my|your|his|her|its|our|their|this|that|each|every|another)\s$"
_END = r"(?![\w])"
_START = r"(?<![\w.,])"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def figures_said(text: str, language: str) -> str:
    """`text` with its figures in the words of `language`, a BCP 47 tag; plain numbers stay where it has no words."""
    if not any(char.isdigit() or char in _VULGAR for char in text):
        return text
    for pattern, said in _rules(language):
        text = pattern.sub(beginning(said), text)
    return text


@cache
def _rules(language: str) -> list[Rule]:
    reader = _Reader(language)
    number = reader.numbers.pattern
    signs = "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True))
    codes = "|".join(_CODES)
    magnitude = (
        rf"(?P<mag>\s(?:{'|'.join(reader.table.magnitudes.split())})\b)?" if reader.table.magnitudes else "(?P<mag>)"
    )
    units = "|".join(sorted(map(re.escape, [*reader.units, "%", "‰"]), key=len, reverse=True))
    priced = rf"(?P<n>{number}){magnitude}(?P<mil>[kKmM](?!\w)|bn\b)?"
    price_first = rf"(?P<n>{number}){magnitude}(?P<mil>)\s?(?P<sign>(?:{signs})|(?:{codes})\b)"
    rules: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (r"(?<![\w.,])\.(?=\d+(?![\w]|[.,]\d))", lambda _: "0." if reader.numbers.point_sign == "." else "."),
        (r"(?:\b|['’])(?P<c>1[1-9]|20)?(?P<d>\d0)['’]?s\b", reader.decade),
        (r"(?<![\w.,])(?P<n>\d{2}|1[1-9]\d0|20\d0)er(?P<end>[ns]?)(?!\w)", reader.german_decade),
        *reader.dates.rules(),
        (r"(?<![\w.,:])(\d{1,3}):(\d{1,3})(?![\w:]|[.,]\d)", reader.ratio),
        (rf"(?P<sign>{signs})\s?(?P<a>{number})\s?[–—-]\s?(?:{signs})?{priced}", reader.price_span),
        (rf"{_START}(?P<a>{number})\s?[–—-]\s?{price_first}", reader.price_span),
        (rf"(?P<sign>{signs})\s?{priced}", reader.money),
        (rf"{_START}{price_first}", reader.money),
        (rf"\b(?P<sign>{codes})\s(?P<n>{number}){magnitude}(?P<mil>)", reader.money),
        (
            r"(?<![\w.,/-])(?:\+\d{1,3}[ .-]?)?(?:\(\d{1,5}\)[ .-]?)?\d{2,5}(?:[ .-]\d{2,8}){1,5}(?![\w-]|[.,]\d)",
            reader.telephone,
        ),
        (rf"(?<![\w.,])(?P<a>{number})\s?(?P<unit>{units})?\s?[–—-]\s?(?P<b>{number})(?!-|\w*\d)", reader.span),
        (rf"(?P<minus>(?<![\w)])[-−])?{_START}(?P<n>{number})\s?(?P<unit>{units}){_END}", reader.unit),
        (r"(?:(?<!\d)(?P<whole>\d+\s?))?(?P<part>[½⅓⅔¼¾⅛]|(?<![\d/.,])\d/\d(?![\d/]))", reader.fraction),
    ]
    if reader.table.ordinal_marks:
        rules.append((rf"\b(?P<n>\d{{1,6}})(?P<mark>{reader.table.ordinal_marks}){_END}", reader.ordinal))
    rules += [
        (r"(?<!\d)\d+(?:\.\d+){2,}", reader.dotted),
        (rf"(?P<minus>(?<![\w)])[-−])?(?P<n>{number})(?P<k>k\b)?(?P<noun>\s[^\W\d_]+)?", reader.plain),
    ]
    return [(re.compile(pattern), said) for pattern, said in rules]


def _own_signs(locale: str) -> dict[str, str]:
    """The signs that a language writes in its own script, such as "км", from CLDR's short forms."""
    from babel.units import UnknownUnitError, format_unit

    found: dict[str, str] = {}
    for unit in sorted(set(_UNITS.values())):
        try:
            sign = re.sub(r"[\d\s]", "", format_unit(2, unit, "short", locale=locale))
        except UnknownUnitError:
            continue
        if sign and not sign.isascii() and sign not in _UNITS and sign.replace("/", "").isalpha():
            found.setdefault(sign, unit)
    return found


class _Reader:
    """What each kind of figure is said like in one language; every method takes the match of its rule."""

    def __init__(self, language: str) -> None:
        self.numbers: Numbers = numbers_of(language)
        self.table: Wording = self.numbers.wording
        self.locale = self.numbers.locale
        self.primary = language.lower().split("-", maxsplit=1)[0]
        self.dates = Dates(self.numbers, self.primary)
        self.units = _UNITS | _own_signs(self.locale)

    # ---- money and measures

    def money(self, match: re.Match[str]) -> str:
        """$3.50, 3,50 €, EUR 20, £2 million, $5k."""
        from babel.numbers import get_currency_name

        code = _SIGNS.get(match["sign"], match["sign"])
        if code == "JPY" and self.primary == "zh" and match["sign"] != "円":
            code = "CNY"
        value = self.numbers.value(match["n"])
        magnitude = match["mag"] or ""
        value *= {"k": 1000, "m": 10**6, "bn": 10**9}.get((match["mil"] or "").lower(), 1)
        names = self.table.cents.get(code)
        if names is None or magnitude or value % 1 != round(value % 1, 2) or not self.numbers.words:
            count = 2 if magnitude else value
            name = names[0 if value == 1 else 1] if names and not magnitude else names[1] if names else ""
            name = name or str(get_currency_name(code, count=float(count), locale=self.locale))
            said = self.numbers.counted(value, magnitude.strip() or name)
            return f"{said}{magnitude}{' ' if self.table.spaces else ''}{name}"
        whole, cents = int(value), int(value * 100) % 100
        large, small = names[0 if whole == 1 else 1], names[2 if cents == 1 else 3]
        first = f"{self.numbers.counted(whole, large)} {large}"
        if not cents:
            return first
        part = self.numbers.cardinal(cents)
        named = f"{self.numbers.counted(cents, small)} {small}"
        return named if not whole else self.table.money.format(whole=first, cents=named, part=part)

    def price_span(self, match: re.Match[str]) -> str:
        """$5-10, 5–10 €: the currency once."""
        if not self.table.to or not self.numbers.words:
            return match.group()
        low = self.numbers.value(match["a"])
        space = " " if self.table.spaces else ""
        return f"{self.numbers.cardinal(low)}{space}{self.table.to}{space}{self.money(match)}"

    def unit(self, match: re.Match[str]) -> str:
        """3.5 km, -5 °C, 50 %, a 5 km race."""
        value = self.numbers.value(match["n"]) * (-1 if match["minus"] else 1)
        if self.primary != "en":
            return self._measured(value, match["unit"])
        following = re.match(r"\s([a-z]+)", match.string[match.end() : match.end() + 40])
        noun = bool(following and following[1] not in _FUNCTION.split())
        if match["unit"] == "bar" and noun:  # 3 bar stools
            return match.group()
        before = match.string[max(0, match.start() - 12) : match.start()]
        return self._measured(value, match["unit"], single=noun and bool(re.search(_DETERMINERS, before)))

    def _measured(self, value: Decimal, unit: str, *, single: bool = False) -> str:
        from babel.numbers import format_decimal
        from babel.units import UnknownUnitError, format_unit

        if unit == "%" and self.table.percent:
            return self.table.percent.format(n=self.numbers.cardinal(value))
        if unit == "%" and "%" in self.table.symbols:
            return f"{self.numbers.cardinal(value)} {self.table.symbols['%']}"
        name = "concentr-percent" if unit == "%" else "concentr-permille" if unit == "‰" else self.units[unit]
        try:
            count = Decimal(1) if single else abs(value)
            written = format_unit(count, name, "long", locale=self.locale).replace("\u00a0", " ")
        except UnknownUnitError:
            return f"{self.numbers.cardinal(value)} {unit}"
        figure = format_decimal(count, locale=self.locale).replace("\u00a0", " ")
        noun = re.sub(r"[\d.,]+\s?", "", written)
        sign = "" if value >= 0 else (self.table.minus or "-") + (" " if self.table.minus and self.table.spaces else "")
        said = sign + self.numbers.counted(abs(value), noun)
        return written.replace(figure, said, 1) if figure in written else f"{said} {noun}"

    def span(self, match: re.Match[str]) -> str:
        """3–5, 1990-1995, 10-20 (the unit behind is the next rule's)."""
        if not self.table.to:
            return match.group()
        a, b = match["a"], match["b"]
        space = " " if self.table.spaces else ""
        text, start, end = match.string, match.start(), match.end()
        is_sum = text[max(0, start - 2) : start].strip() == "=" or text[end : end + 2].lstrip()[:1] == "="
        if is_sum and self.table.minus and "–" not in match.group() and not match["unit"]:
            return f"{self._figure(a, '')}{space}{self.table.minus}{space}{b}"
        low = self._measured(self.numbers.value(a), match["unit"]) if match["unit"] else self._figure(a, "")
        return f"{low}{space}{self.table.to}{space}{b}"

    def fraction(self, match: re.Match[str]) -> str:
        """½, 2 ½, 3/4."""
        part = _VULGAR.get(match["part"], match["part"])
        said = self.table.fractions.get(part)
        if said is None:
            return f"{match['whole'] or ''}{part.replace('/', ' / ')}"
        if not match["whole"]:
            return said
        whole, space = (
            self.numbers.cardinal(self.numbers.value(match["whole"].strip())),
            " " if self.table.spaces else "",
        )
        if self.primary == "en" and part == "1/2":
            said = "a half"
        return f"{whole}{space}{self.table.half}{space}{said}"

    # ---- plain numbers

    def telephone(self, match: re.Match[str]) -> str:
        """+1 (555) 123-4567: digit by digit, with a breath between the groups."""
        written = match.group()
        groups, digits = re.findall(r"\d+", written), re.sub(r"\D", "", written)
        marked = written[0] in "+(0"
        if not 7 <= len(digits) <= 15 or not (marked or len(groups) >= 3 or re.fullmatch(r"\d{3}-\d{4}", written)):
            return written
        spanish = self.primary == "es" and re.fullmatch(r"[6-9]\d\d \d{3} (?!000)\d{3}", written)
        grouped = re.fullmatch(self.numbers.pattern, written) and not marked and not spanish
        if grouped and self.numbers.value(written) >= 1000:
            return written
        plus = self.table.symbols.get("+", "+") + " " if written[0] == "+" else ""
        return plus + ", ".join(self.numbers.one_by_one(group) for group in groups)

    def ordinal(self, match: re.Match[str]) -> str:
        """1st, 2e, 3º."""
        feminine = match["mark"].lstrip(".") in ("ª", "re", "ère", "nde")
        return self.numbers.ordinal(int(match["n"]), feminine=feminine)

    def decade(self, match: re.Match[str]) -> str:
        """The 1980s and the '80s."""
        if self.primary != "en":
            return match.group()
        said = self.numbers.year(int((match["c"] or "") + match["d"]))
        return re.sub(r"y$", "ie", said) + "s"

    def german_decade(self, match: re.Match[str]) -> str:
        """Die 90er Jahre, in den 1990ern."""
        if self.primary != "de":
            return match.group()
        said = self.numbers.year(int(match["n"])) if len(match["n"]) == 4 else self.numbers.cardinal(int(match["n"]))
        return f"{said}er{match['end']}"

    def ratio(self, match: re.Match[str]) -> str:
        """16:9, and 3:2 as a score."""
        if not self.table.ratio:
            return match.group()
        return f"{self._figure(match[1], '')} {self.table.ratio} {self._figure(match[2], '')}"

    def dotted(self, match: re.Match[str]) -> str:
        """1.2.3, 192.168.0.1: a version or an address."""
        dot = f" {self.table.dot or '.'} "
        before = " " if match.start() and match.string[match.start() - 1].isalpha() else ""
        return before + dot.join(self._figure(part, "") for part in match.group().split("."))

    def plain(self, match: re.Match[str]) -> str:
        """Any number left; beside letters it parts from them ("MP3")."""
        noun, written = match["noun"] or "", match["n"]
        text, start, end = match.string, match.start("n"), match.end("k") if match["k"] else match.end("n")
        if not self.numbers.words and not match["k"]:
            minus = self.table.minus if match["minus"] and self.table.minus else match["minus"] or ""
            return f"{minus}{written}{noun}"
        said = self._figure(written, noun, after_thousand=bool(match["k"]))
        if match["minus"]:
            said = f"{self.table.minus} {said}"
        before = " " if start and text[start - 1].isalpha() and not match["minus"] else ""
        after = " " if end < len(text) and text[end].isalpha() else ""
        return f"{before}{said}{after}{noun}"

    def _figure(self, written: str, noun: str, *, after_thousand: bool = False) -> str:
        """A bare number: digit by digit with a leading zero, a year where it looks like one, else a cardinal."""
        if re.fullmatch(r"0\d+|\d{13,}", written):
            return self.numbers.one_by_one(written)
        value = self.numbers.value(written) * (1000 if after_thousand else 1)
        if self.table.years and re.fullmatch(r"1[1-9]\d\d|20\d\d", written) and not _counts(noun):
            return self.numbers.year(int(value))
        if noun and (self.primary != "de" or noun.strip()[:1].isupper()):
            return self.numbers.counted(value, noun.strip())
        return self.numbers.cardinal(value)


def _counts(noun: str) -> bool:
    """Whether the word after a number is counted by it: a plural, as far as English and its neighbours tell."""
    word = noun.strip()
    return (
        word[:1].islower()
        and word.endswith("s")
        and word not in ("was", "is", "has", "as", "does", "this", "its", "als")
    )
