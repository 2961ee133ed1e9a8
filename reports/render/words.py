"""What every rendering says of a report in the same words: marking, number, cut, moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from reports.parts import Part

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HANDLING = {
    Part.OPEN: "This part may go to the monitoring board, the investigators and the sponsor.",
    Part.CLOSED: "This part is for the monitoring board and its statistician alone. Do not copy it, do not pass it on, "
    "and do not speak of its content outside closed sessions.",
}


def marking(part: Part) -> str:
    return f"CONFIDENTIAL – {part}"


def number_of(meta: Mapping[str, Any]) -> str:
    return f"Interim report {meta['report']}, version {meta['version']}"


def cut_of(meta: Mapping[str, Any]) -> str:
    return f"Data cut {day(meta['cut'])} (UTC)"


def handling(part: Part) -> str:
    return _HANDLING[part]


def day(value: date) -> str:
    """05-Jan-2026, whatever the machine's language is."""
    return f"{value.day:02}-{_MONTHS[value.month - 1]}-{value.year:04}"


def moment(value: datetime) -> str:
    """05-Jan-2026 14:02:11 UTC."""
    at = value.astimezone(UTC)
    return f"{day(at)} {at:%H:%M:%S} UTC"
