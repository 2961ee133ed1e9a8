"""Moments: entered as the site's wall clock, kept as UTC. Durations are elapsed time."""

from datetime import UTC, datetime
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
    local = wall.replace(tzinfo=ZoneInfo(zone))
    return local.utcoffset() != local.replace(fold=1).utcoffset() and to_utc(wall, zone) is not None


def to_wall(moment: datetime, zone: str) -> datetime:
    """The site's wall-clock time (naive) of an aware moment."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def show(moment: datetime, zone: str) -> str:
    """`03-Jan-2024 14:02 (Europe/Amsterdam)`."""
    return f"{to_wall(moment, zone):%d-%b-%Y %H:%M} ({zone})"
