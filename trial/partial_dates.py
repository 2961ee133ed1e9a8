"""Partial dates: `2024`, `2024-01` or `2024-01-17`, never a guessed day."""

import calendar
import re
from datetime import date

PATTERN = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?\Z", re.ASCII)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BETWEEN = r"[\s./,-]*"  # `03jan2024`, `3 jan. 2024` and `3-Jan-2024` are the same day
_NAMED = re.compile(
    rf"^(?:(\d{{1,2}}|unk?){_BETWEEN})?(unk?|[a-z]{{3,9}}){_BETWEEN}(\d{{4}}|\d{{2}})\Z", re.IGNORECASE | re.ASCII
)
_NUMERIC = re.compile(r"^(?:(\d{1,2}|unk?)[\s./-]+)?(\d{1,2})[\s./-]+(\d{4})\Z", re.IGNORECASE | re.ASCII)
_SHORT = re.compile(r"^(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{2})\Z", re.ASCII)
_ISO = re.compile(r"^(\d{4})(?:[\s./-]+(\d{1,2})(?:[\s./-]+(\d{1,2}))?)?\Z", re.ASCII)


class NotADate(ValueError):
    """The text is no date that we can read; the message is a sentence for the person who typed it."""


def parse(text: str, *, partial: bool = True) -> str:
    """Read a date as people type it and return it as ISO text, partial where parts are unknown.

    Reads `3 jan 24`, `03jan2024`, `3/1/2024` and `3.1.24` (day first), `2024-01-03`, and, if `partial`, `UN-Jan-2024`,
    `jan 2024`, `1/2024`, `UN-UN-2024`, `2024`. Two-digit years are 20yy. Raises NotADate with a sentence.
    """
    text = text.strip()
    year, month, day = _parts(text)
    if not partial and (month is None or day is None):
        raise NotADate(f"“{text}” is not a full date. Enter day, month and year, for example 03-Jan-2024.")
    if month is None:
        return f"{year:04d}"
    if not 1 <= month <= 12:
        raise NotADate(f"“{text}” has no such month: {month}. The day comes first, then the month.")
    if day is None:
        return f"{year:04d}-{month:02d}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise NotADate(f"“{text}” does not exist in the calendar.") from None


def _parts(text: str) -> tuple[int, int | None, int | None]:
    if match := _ISO.match(text):
        year, month, day = match.groups()
    elif match := _NUMERIC.match(text) or _SHORT.match(text):
        day, month, year = match.groups()
    elif match := _NAMED.match(text):
        day, name, year = match.groups()
        month = _month_number(name, text)
    else:
        raise NotADate(f"“{text}” is not a date. Enter it like 03-Jan-2024, 3/1/2024 (day first) or 2024-01-03.")
    unknown = {None, "un", "unk"}
    number = {key: None if (value or "").lower() in unknown or value is None else int(value)
              for key, value in {"month": month, "day": day}.items()}  # fmt: skip
    full_year = int(year) if len(year) == 4 else 2000 + int(year)
    if not 1900 <= full_year <= 2100:
        raise NotADate(f"“{text}”: the year {full_year} lies outside 1900 to 2100.")
    return full_year, number["month"], number["day"] if number["month"] is not None else None


def _month_number(name: str, text: str) -> str | None:
    if name.lower() in {"un", "unk"}:
        return None
    for number, month in enumerate(calendar.month_name):
        if month and month.lower().startswith(name.lower()):
            return str(number)
    raise NotADate(f"“{text}”: there is no month “{name}”. Use the English short form, for example Jan.")


def earliest(partial: str) -> date:
    """First day that a partial ISO date can mean."""
    year, month, day = _numbers(partial)
    return date(year, month or 1, day or 1)


def latest(partial: str) -> date:
    """Last day that a partial ISO date can mean."""
    year, month, day = _numbers(partial)
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1])


def show(partial: str | date | None) -> str:
    """`03-Jan-2024`; unknown parts are UN: `UN-Jan-2024`, `UN-UN-2024`."""
    if partial is None or partial == "":
        return ""
    year, month, day = _numbers(partial.isoformat() if isinstance(partial, date) else partial)
    shown_day = f"{day:02d}" if day else "UN"
    return f"{shown_day}-{MONTHS[month - 1] if month else 'UN'}-{year:04d}"


def _numbers(partial: str) -> tuple[int, int | None, int | None]:
    if not PATTERN.match(partial):
        raise NotADate(f"“{partial}” is not a partial ISO date.")
    year, month, day = ([int(part) for part in partial.split("-")] + [None, None])[:3]
    return year or 0, month, day
