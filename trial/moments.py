"""Moments: entered as the site's wall clock, kept as UTC. Durations are elapsed time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class ImpossibleTime(ValueError):
    """A wall-clock time that the clock change skipped; the message is a sentence for the person who typed it."""


def to_utc(wall: datetime, zone: str) -> datetime:
    """The UTC moment of a site's wall-clock time (naive). A doubled time (clock set back) is its first passing.

    Raises ImpossibleTime for a time that the clock skipped.
    """
    if wall.tzinfo is not None:
        raise ValueError(f"{wall.isoformat()} names its own zone; a site's wall clock has none.")
    local = wall.replace(tzinfo=ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise ImpossibleTime(
            f"{wall:%d-%b-%Y %H:%M} does not exist in {zone}: the clock was set forward then. Check the time."
        )
    return moment


def is_doubled(wall: datetime, zone: str) -> bool:
    """True if the wall clock showed this time twice (the hour when it is set back)."""
    local = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    first, second = local.utcoffset(), local.replace(fold=1).utcoffset()
    return first is not None and second is not None and first > second


def passing(wall: datetime, zone: str, number: int) -> datetime:
    """The first or second passing (1, 2) of a doubled time, with its offset. Raises ValueError for another number."""
    if number not in (1, 2):
        raise ValueError(f"A clock shows a time once or twice, not {number} times.")
    return wall.replace(tzinfo=ZoneInfo(zone), fold=number - 1)


def passings_in_words(wall: datetime, zone: str) -> tuple[str, str]:
    """`the first time (UTC+02:00)` and `the second time (UTC+01:00)`."""
    first, second = (_offset(passing(wall, zone, number)) for number in (1, 2))
    return f"the first time ({first})", f"the second time ({second})"


def _offset(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta(0)
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // timedelta(minutes=1)
    return f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def to_wall(moment: datetime, zone: str) -> datetime:
    """The site's wall-clock time (naive) of an aware moment."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def show(moment: datetime, zone: str) -> str:
    """`03-Jan-2024 14:02 (Europe/Amsterdam)`."""
    return f"{to_wall(moment, zone):%d-%b-%Y %H:%M} ({zone})"


def both(moment: datetime, zone: str) -> str:
    """`03-Jan-2024 14:02 (Europe/Amsterdam), 13:02 UTC`: the day in UTC too, where it is another."""
    utc, here = moment.astimezone(UTC), to_wall(moment, zone)
    if zone == "UTC":
        return f"{utc:%d-%b-%Y %H:%M} UTC"
    day = "" if utc.date() == here.date() else f"{utc:%d-%b-%Y} "
    return f"{show(moment, zone)}, {day}{utc:%H:%M} UTC"
