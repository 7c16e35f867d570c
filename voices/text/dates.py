"""Dates and times: what is written with figures and a month, a colon or "p.m." becomes what is said.

Months and weekdays are CLDR's, through babel (BSD-3-Clause). Dates in figures alone are first written out as CLDR does
it for the language, which the rules after them read.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date

from personify.voices.text import ordinals
from personify.voices.text.numbers import Numbers
from personify.voices.text.wording import Wording

_HALF_DAY = r"(?P<half>\s?(?:[ap]\.\s?m\.|[ap]m\b|[AP]M\b))"
_START = r"(?<![\w.,])"
_DATED = "der den dem am vom zum bis ab seit und nach vor zwischen"
"""What may go before a German day and month in figures."""
_ZONES = "Eastern Central Mountain Pacific British Greenwich"
"""What goes on after "p.m." in a capital."""

Rule = tuple[str, Callable[[re.Match[str]], str]]


class Dates:
    """What dates and times are said like in one language; every method takes the match of its rule."""

    def __init__(self, numbers: Numbers, primary: str) -> None:
        from babel import Locale

        self.numbers = numbers
        self.table: Wording = numbers.wording
        self.locale = numbers.locale
        self.primary = primary
        self.american = self.locale in ("en", "en_US")
        locale = Locale.parse(self.locale)
        formats = locale.months["format"]
        full = {name: i for i, name in formats["wide"].items() if not name[0].isdigit()}
        self._full = full | {name.capitalize(): i for name, i in full.items()}
        self._short = {name.rstrip("."): i for i, name in formats["abbreviated"].items() if not name[0].isdigit()}
        self.months: dict[str, int] = self._short | self._full
        self.names: dict[int, str] = dict(formats["wide"].items())
        days = [name for width in ("wide", "abbreviated") for name in locale.days["format"][width].values()]
        self._goes_on = {*(name.rstrip(".") for name in days), *_ZONES.split(), *self.months}

    def rules(self) -> list[Rule]:
        """Patterns of dates and times, from the most particular."""
        table = self.table
        full = _any(self._full)
        short = _any(name for name in self._short if name not in self._full)
        month = rf"(?P<month>(?:{full})\b" + (rf"|(?:{short})\b\.?)" if short else ")")
        mark = r"(?:[:h]|\s?h\s?)" if table.hour_mark == "h" else ":"
        after = rf"(?:\s?{table.hour_mark}\b)?" if table.hour_mark else ""
        hour, lead = r"(?P<h>[01]?\d|2[0-4])", "the|der|den|dem|am|vom|zum|bis|le|el|il"
        german: list[Rule] = []
        if self.primary == "de":
            lead = "|".join(_DATED.split())
            german = [
                (rf"{_START}(\d{{1,2}})(\.)\s(\d{{1,2}})\.\s?(\d{{4}})(?!\d)", self.short_date),
                (
                    rf"{_START}(?:(?<=\b)(?P<lead>(?i:{lead})\s))?(?P<day>[0-3]?\d)\.\s?(?P<m>1[0-2]|0?[1-9])\.(?![\d.])",
                    self.day_and_month,
                ),
                (
                    rf"{_START}{hour}\.(?P<m>[0-5]\d)(?P<s>)(?P<half>)(?:\s?Uhr\b|(?=\s?(?:bis|und|[–-])\s?\d\d?[.:]\d\d\s?Uhr\b))",
                    self.time,
                ),
                (rf"{ordinals.WRITTEN}(?!\s(?:{_any(self.months)})\b)", self.german_ordinal),
            ]
        return [
            (rf"{_START}(\d{{4}})-(\d\d?)-(\d\d?)(?:T(?=\d))?(?!\d|-\d)", self.iso_date),
            (rf"{_START}(\d{{1,4}})([./])(\d{{1,2}})\2(\d{{4}}|\d{{1,2}})(?![\d/]|\.\d)", self.short_date),
            *german,
            (
                rf"\b{month}\s(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:.,]\d|\w)(?P<year>,?\s\d{{4}}\b)?",
                self.month_day,
            ),
            (
                rf"\b(?P<the>(?i:{lead})\s)?(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|º|°|\.)?\s(?P<of>of\s|de\s)?{month}(?P<year>,?\s(?:de\s)?\d{{4}}\b)?",
                self.day_month,
            ),
            (rf"{_START}{hour}{mark}(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?![\d:]){_HALF_DAY}?{after}", self.time),
            (rf"{_START}(?P<h>1[0-2]|0?[1-9]){_HALF_DAY}", self.half_day),
        ]

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

    def day_and_month(self, match: re.Match[str]) -> str:
        """24.12., in German, for the rule of days and months; two figures without a word before may be a section."""
        day, month, lead = match["day"], match["m"], match["lead"] or ""
        if not 1 <= int(day) <= 31 or not (lead or len(day) == len(month) == 2):
            return match.group()
        stop = "." if not match.string[match.end() : match.end() + 80].strip(" \"'”“»«)") else ""
        return f"{lead}{int(day)}. {self.names[int(month)]}{stop}"

    def german_ordinal(self, match: re.Match[str]) -> str:
        """Im 19. Jahrhundert, der 2. Weltkrieg, am 3. when nothing follows."""
        following = match["next"] or ""
        stop = "." if not following or ordinals.opens(following) else ""
        if stop and not ordinals.stands_alone(match["lead"]):
            return match.group()
        ends = ordinals.ending(match["case"], match["lead"], following)
        before = match.string[match.start() : match.start("n")]
        return f"{before}{self.numbers.ordinal(int(match['n']))}{ends}{stop}"

    def day_month(self, match: re.Match[str]) -> str:
        """5 March 2024, 5. März, 1er mars, 5 de marzo de 2024."""
        day = int(match["day"])
        if not 1 <= day <= 31 or not self.numbers.words:
            return match.group()
        lead, of, month = match["the"] or "", match["of"] or "", self._month(match["month"])
        year = self._year(match["year"], comma=False) or self._stop(match, match["month"])
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
        return " " + " ".join(letters.upper()) + self._stop(match, match["half"])

    def _stop(self, match: re.Match[str], short: str) -> str:
        """The stop of a short form that also ends the sentence: nothing follows, or a word that begins one."""
        rest = match.string[match.end() : match.end() + 80]
        if not short.endswith("."):
            return ""
        if not rest.strip(" \"'”’»)"):
            return "."
        word = re.match(r"[\"')»”’]*\s+[\"'(«“‘¿¡]*(?P<next>[^\W\d_]+)", rest)
        if not word or not word["next"][0].isupper() or word["next"] in self._goes_on:
            return ""
        if self.primary == "de":  # where nouns are written large too
            return "." if ordinals.opens(word["next"]) else ""
        return "" if re.fullmatch(r"[A-Z]{1,3}T|UTC", word["next"]) else "."


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))
