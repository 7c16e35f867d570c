"""Moments: as the database has them, and in words, "3 days ago"."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache


def in_ms(moment: datetime) -> int:
    """Milliseconds since 1970 in UTC; a moment without a zone is local time, as Python has it."""
    return round(moment.astimezone(UTC).timestamp() * 1000)


def now_ms(now: datetime | None = None) -> int:
    """`now`, or this moment."""
    return in_ms(now or datetime.now(UTC))


def iso(ms: int | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    if ms is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")


def ago(ms: int, language: str = "en") -> str:
    """How long ago in words of the language, English where it isn't known: "3 days ago"; never less than a minute, nor
    in the future."""
    return _ago(max(60, ms // 1000), language)


@lru_cache(maxsize=4096)
def _ago(seconds: int, language: str) -> str:
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_timedelta

    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, TypeError, UnknownLocaleError):
        locale = Locale("en")
    return format_timedelta(timedelta(seconds=-seconds), add_direction=True, locale=locale)
