"""Figures: what is written with digits becomes what is said, from dates and prices to a telephone number.

Each kind is one rule; they run from the most particular to the plain number, and what a rule has said holds no digits
that a later one could take. Names of units, currencies and months are CLDR's, through babel (BSD-3-Clause).
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache

from personify.voices.text.cleaning import beginning
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
_HALF_DAY = r"(?P<half>\s?(?:[ap]\.\s?m\.|[ap]m\b|[AP]M\b))"
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
    number, months = reader.numbers.pattern, "|".join(sorted(map(re.escape, reader.months), key=len, reverse=True))
    signs = "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True))
    codes = "|".join(_CODES)
    magnitude = (
        rf"(?P<mag>\s(?:{'|'.join(reader.table.magnitudes.split())})\b)?" if reader.table.magnitudes else "(?P<mag>)"
    )
    units = "|".join(sorted(map(re.escape, [*reader.units, "%", "‰"]), key=len, reverse=True))
    mark = r"(?:[:h]|\s?h\s?)" if reader.table.hour_mark == "h" else ":"
    after = rf"(?:\s?{reader.table.hour_mark}\b)?" if reader.table.hour_mark else ""
    rules: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (r"(?:\b|['’])(?P<c>1[1-9]|20)?(?P<d>\d0)['’]?s\b", reader.decade),
        (rf"{_START}(\d{{4}})-(\d\d?)-(\d\d?)(?:T(?=\d))?(?!\d|-\d)", reader.iso_date),
        (rf"{_START}(\d{{1,4}})([./])(\d{{1,2}})\2(\d{{4}}|\d{{1,2}})(?![\d/]|\.\d)", reader.short_date),
        (
            rf"(?P<month>\b(?:{months}))(?:\.|\b)\s(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:.,]\d|\w)(?P<year>,?\s\d{{4}}\b)?",
            reader.month_day,
        ),
        (
            rf"\b(?P<the>(?i:the|der|den|dem|am|vom|zum|bis|le|el|il)\s)?(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|º|°|\.)?\s(?P<of>of\s|de\s)?(?P<month>(?:{months})\b\.?)(?P<year>,?\s(?:de\s)?\d{{4}}\b)?",
            reader.day_month,
        ),
        (
            rf"{_START}(?P<h>[01]?\d|2[0-4]){mark}(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:]){_HALF_DAY}?{after}",
            reader.time,
        ),
        (rf"{_START}(?P<h>1[0-2]|0?[1-9]){_HALF_DAY}", reader.half_day),
        (rf"(?P<sign>{signs})\s?(?P<n>{number}){magnitude}(?P<mil>[kKmM](?!\w)|bn\b)?", reader.money),
        (rf"{_START}(?P<n>{number}){magnitude}(?P<mil>)\s?(?P<sign>(?:{signs})|(?:{codes})\b)", reader.money),
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
        from babel import Locale

        self.numbers: Numbers = numbers_of(language)
        self.table: Wording = self.numbers.wording
        self.locale = self.numbers.locale
        self.primary = language.lower().split("-", maxsplit=1)[0]
        self.american = self.locale in ("en", "en_US")
        formats = Locale.parse(self.locale).months["format"]
        full = {name: i for i, name in formats["wide"].items() if not name[0].isdigit()}
        short = {name.rstrip("."): i for i, name in formats["abbreviated"].items() if not name[0].isdigit()}
        self.months: dict[str, int] = {**short, **full, **{name.capitalize(): i for name, i in full.items()}}
        self.units = _UNITS | _own_signs(self.locale)
        self.names: dict[int, str] = dict(formats["wide"].items())

    # ---- dates and times

    def iso_date(self, match: re.Match[str]) -> str:
        """2024-03-05."""
        return self._date(match, *(int(part) for part in match.groups()))

    def short_date(self, match: re.Match[str]) -> str:
        """3/5/2024 or 5.3.2024, by the order that the region writes."""
        a, b, c = int(match[1]), int(match[3]), int(match[4])
        if len(match[1]) == 4:
            return self._date(match, a, b, c)
        if len(match[4]) < 4 and match[2] == ".":  # as likely a version or a section
            return match.group()
        year = c if len(match[4]) == 4 else 2000 + c
        day, month = (b, a) if self.american and match[2] == "/" and a <= 12 else (a, b)
        if month > 12:
            day, month = month, day
        return self._date(match, year, month, day)

    def _date(self, match: re.Match[str], year: int, month: int, day: int) -> str:
        """Written out as CLDR does it for the language, which the rules after this one read."""
        from babel.dates import format_date

        try:
            return format_date(date(year, month, day), "long", locale=self.locale) + (
                " " if match.group()[-1] == "T" else ""
            )
        except ValueError:
            return match.group()

    def month_day(self, match: re.Match[str]) -> str:
        """March 5, 2024."""
        day = int(match["day"])
        if not 1 <= day <= 31 or not self.numbers.words:
            return match.group()
        said = self.numbers.ordinal(day) if self.primary == "en" else self._day(day)
        return f"{self._month(match['month'])} {said}{self._year(match['year'], comma=True)}"

    def day_month(self, match: re.Match[str]) -> str:
        """5 March 2024, 5. März, 1er mars, 5 de marzo de 2024."""
        day = int(match["day"])
        if not 1 <= day <= 31 or not self.numbers.words:
            return match.group()
        lead, of, month = match["the"] or "", match["of"] or "", self._month(match["month"])
        year = self._year(match["year"], comma=False)
        if self.primary == "en":
            return f"{lead or 'the '}{self.numbers.ordinal(day)} of {month}{year}"
        if self.primary == "de":
            bare = self.numbers.ordinal(day)
            ends = {"": "r", "der ": ""}.get(lead.lower(), "n")
            return f"{lead}{bare}{ends} {month}{year}"
        return f"{lead}{self._day(day)} {of}{month}{year}"

    def _day(self, day: int) -> str:
        return self.table.first if day == 1 and self.table.first else self.numbers.cardinal(day)

    def _month(self, written: str) -> str:
        name = written.rstrip(".")
        return self.names[self.months[name]] if name in self.months else written

    def _year(self, written: str | None, *, comma: bool) -> str:
        if not written:
            return ""
        lead = re.sub(r"\d+", "", written)
        return (lead if comma or "de" in lead else " ") + self.numbers.year(int(re.sub(r"\D", "", written)))

    def time(self, match: re.Match[str]) -> str:
        """15:30, 3:05 pm, 15h30, 15:30 Uhr."""
        hour, minute, table = int(match["h"]), int(match["m"]), self.table
        half = match["half"]
        template = table.time_full if not minute else table.time_low if minute < 10 and table.time_low else table.time
        if not minute and hour > 12 and table.time_late:
            template = table.time_late
        if not minute and half:
            template = "{h}"
        hours = self.numbers.counted(
            hour, self.table.feminine.split()[0] if self.primary in ("es", "it", "fr", "pt") and table.feminine else ""
        )
        if table.time_one and hour == 1:
            template = template.replace(table.time_full, table.time_one)
        said = template.format(h=hours, m=self._minutes(minute))
        if match["s"]:
            said += f" {self.numbers.cardinal(int(match['s']))}"
        return said + self._half(match)

    def _minutes(self, minute: int) -> str:
        return self.numbers.cardinal(minute) if self.numbers.words else str(minute)

    def half_day(self, match: re.Match[str]) -> str:
        """3 pm."""
        return self.numbers.cardinal(int(match["h"])) + self._half(match)

    def _half(self, match: re.Match[str]) -> str:
        """P M, with the stop that ended the text."""
        if not match["half"]:
            return ""
        letters = re.sub(r"[^apm]", "", match["half"].lower())
        ends = match["half"].endswith(".") and not match.string[match.end() :].strip()
        return " " + " ".join(letters.upper()) + ("." if ends else "")

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
            said = self.numbers.cardinal(value) if magnitude else self.numbers.counted(value, name)
            return f"{said}{magnitude}{' ' if self.table.spaces else ''}{name}"
        whole, cents = int(value), int(value * 100) % 100
        large, small = names[0 if whole == 1 else 1], names[2 if cents == 1 else 3]
        first = f"{self.numbers.counted(whole, large)} {large}"
        if not cents:
            return first
        part = self.numbers.cardinal(cents)
        named = f"{self.numbers.counted(cents, small)} {small}"
        return named if not whole else self.table.money.format(whole=first, cents=named, part=part)

    def unit(self, match: re.Match[str]) -> str:
        """3.5 km, -5 °C, 50 %."""
        value = self.numbers.value(match["n"]) * (-1 if match["minus"] else 1)
        return self._measured(value, match["unit"])

    def _measured(self, value: Decimal, unit: str) -> str:
        from babel.numbers import format_decimal
        from babel.units import UnknownUnitError, format_unit

        if unit == "%" and self.table.percent:
            return self.table.percent.format(n=self.numbers.cardinal(value))
        if unit == "%" and "%" in self.table.symbols:
            return f"{self.numbers.cardinal(value)} {self.table.symbols['%']}"
        name = "concentr-percent" if unit == "%" else "concentr-permille" if unit == "‰" else self.units[unit]
        try:
            written = format_unit(abs(value), name, "long", locale=self.locale).replace("\u00a0", " ")
        except UnknownUnitError:
            return f"{self.numbers.cardinal(value)} {unit}"
        figure = format_decimal(abs(value), locale=self.locale).replace("\u00a0", " ")
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
        whole = self.numbers.cardinal(self.numbers.value(match["whole"].strip()))
        space = " " if self.table.spaces else ""
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
        if self.numbers.value(written) >= 1000 and re.fullmatch(self.numbers.pattern, written) and not marked:
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
            return (
                self.numbers.counted(value, noun.strip())
                if self.primary in ("de", "es", "it")
                else self.numbers.cardinal(value)
            )
        return self.numbers.cardinal(value)


def _counts(noun: str) -> bool:
    """Whether the word after a number is counted by it: a plural, as far as English and its neighbours tell."""
    word = noun.strip()
    return (
        word[:1].islower()
        and word.endswith("s")
        and word not in ("was", "is", "has", "as", "does", "this", "its", "als")
    )
