"""What tables say alike: the note on the data cut, counts with percentages, ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from reports.derivations.analyses import serious_without_form
from reports.parts import Column, Line
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.stats.survival import Estimate
from trial.partial_dates import show

Record = Mapping[str, Any]
NO_DATA = "no data"
PERCENT = "No. (%)"
NO_INTERVAL = "“No interval”: by then nobody had an event, or everybody, so that an interval cannot be estimated."


def cut_note(snapshot: Snapshot) -> str:
    """The note of every table."""
    return f"Data cut {show(snapshot.cut)}; entries up to {show(snapshot.freeze.date())} {snapshot.freeze:%H:%M} UTC."


def enrolled(snapshot: Snapshot) -> int:
    return len(snapshot["ADSL"])


def columns(first: str, *numeric: str) -> tuple[Column, ...]:
    return (Column(first), *(Column(label, numeric=True) for label in numeric))


def group(title: str) -> Line:
    return Line((title,), kind="group")


def indented(*cells: str) -> Line:
    return Line(cells, kind="indent")


def by_code(
    records: Sequence[Record], variable: str, labels: Mapping[str, str], *, missing: str = "Not known"
) -> list[Line]:
    """One line for each code with its count and percentage; one for the missing where there are any."""
    found = [record[variable] for record in records]
    lines = [
        indented(label, rounding.count_with_percent(found.count(code), len(found))) for code, label in labels.items()
    ]
    if None in found:
        lines.append(indented(missing, rounding.count_with_percent(found.count(None), len(found))))
    return lines


def median_range(values: Iterable[float | Decimal | None], *, decimals: int = 1) -> str:
    """`26.3 (3.9-48.2)`: median with the lowest and highest; "-" without a value."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return "-"
    return rounding.value_with_range(float(np.median(known)), min(known), max(known), decimals=decimals)


def percent_interval(estimate: Estimate) -> str:
    return rounding.estimate_with_interval(estimate.estimate, estimate.lower, estimate.upper)


def no_interval_note(lines: Iterable[Line]) -> tuple[str, ...]:
    """The note that says why an estimate stands without its interval, where one does."""
    shown = any(rounding.NO_INTERVAL in cell for line in lines for cell in line.cells)
    return (NO_INTERVAL,) if shown else ()


def without_form(snapshot: Snapshot, then: str = "") -> str:
    """`4 serious adverse events have no adverse event form (grade 3 or more: Sepsis 4)`, and `then` where there are."""
    rows = serious_without_form(snapshot)
    if not rows:
        return "Every serious adverse event has an adverse event form."
    severe = Counter(row["AESPEC"] or row["AETERM"] or "Not coded" for row in rows if (row["AETOXGR"] or 0) >= 3)
    terms = ", ".join(f"{term} {n}" for term, n in sorted(severe.items(), key=lambda item: (-item[1], item[0])))
    events = "1 serious adverse event has" if len(rows) == 1 else f"{len(rows)} serious adverse events have"
    return f"{events} no adverse event form (grade 3 or more: {terms or 'none'}){then}."
