"""A subject's path as one line: marks with dates, laid out on a time scale. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trial import partial_dates

WIDTH = 1120
LEFT, RIGHT = 72, WIDTH - 16
LETTER, PADDING = 8, 8  # room that a word needs in a bar, in px
MOST_TICKS = 10


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One thing on the path.

    kind: block, block_off (not as protocol), infusion, stop, mrd, mrd_negative, sae, event, relapse, hsct, death,
    contact.
    end: None for a moment. value: an MRD fraction, for its height.
    """

    kind: str
    start: date
    label: str
    end: date | None = None
    short: str = ""
    value: Decimal | None = None


def layout(marks: Iterable[Mark]) -> dict[str, Any] | None:
    """The context of the timeline component; None without marks."""
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.kind))
    if not ordered:
        return None
    first = ordered[0].start
    last = max([mark.end or mark.start for mark in ordered]) + timedelta(days=14)
    scale = (RIGHT - LEFT) / max((last - first).days, 1)

    def x(day: date) -> int:
        return round(LEFT + (day - first).days * scale)

    return {
        "width": WIDTH,
        "label": f"Path from {partial_dates.show(first)} to {partial_dates.show(last)}, {len(ordered)} marks",
        "ticks": [{"x": x(day), "label": partial_dates.show(day)[3:]} for day in _ticks(first, last)],
        "items": [_item(mark, x) for mark in ordered],
    }


def _item(mark: Mark, x: Any) -> dict[str, Any]:
    start = x(mark.start)
    width = max(x(mark.end) - start, 3) if mark.end else 0
    is_bar = mark.kind in {"block", "block_off"}
    fits = not is_bar or len(mark.short) * LETTER + PADDING <= width
    return {
        "kind": mark.kind,
        "x": start,
        "width": width,
        "y": height(mark.value),
        "label": mark.label,
        "short": mark.short if fits else "",
    }


def height(value: Decimal | None) -> int:
    """Height of an MRD value on the log band, in px from the top: 10^-1 at 58, 10^-5 at 114."""
    if value is None or value <= 0:
        return 0
    return min(120, max(52, round(58 + 14 * (-math.log10(value) - 1))))


def _ticks(first: date, last: date) -> Sequence[date]:
    """First days of months, spread so that at most ten are named."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months / step <= MOST_TICKS)
    index = first.year * 12 + first.month  # the first month that starts after `first`
    days = [date((index + n) // 12, (index + n) % 12 + 1, 1) for n in range(0, months, step)]
    return [day for day in days if day <= last]
