"""F6: MRD class by time point, trial beside the historical controls where these were measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reports.derivations.analyses import Record
from reports.figures.proportions import Bar, proportions_figure
from reports.parts import Figure, Part
from reports.snapshot import Snapshot

_CLASSES = {"NEG": "Negative", "LOW": "Low", "HIGH": "High"}
_TIME_POINTS = {
    "EOI": "End of induction",
    "D15": "Day 15",
    "D29": "Day 29",
    "MARMA": "Before MARMA",
    "OCTADAD": "Before OCTADAD",
    "MAINT": "Maintenance",
}
_OF_CONTROLS = {"EOI", "MARMA", "OCTADAD"}


def build(snapshot: Snapshot) -> Figure:
    bars = []
    for point, name in _TIME_POINTS.items():
        bars.append(Bar(name, "Trial", _counts(snapshot["ADSL"].records, point)))
        measured = _counts(snapshot["CONTROLS"].records, point) if point in _OF_CONTROLS else None
        bars.append(Bar(name, "Controls", measured))
    return proportions_figure(
        bars,
        classes=list(_CLASSES.values()),
        code="F6",
        title="MRD class by time point, trial and historical controls",
        part=Part.CLOSED,
        quantity="MRD class",
        notes=(
            "The class of a sample is that of its worst target. Low: positive below 0.0005, or not quantifiable; "
            "high: 0.0005 or more. Shares are of those with a known class.",
        ),
    )


def _counts(records: Iterable[Record], point: str) -> dict[str, int]:
    found = Counter(record[f"MRD{point}"] for record in records)
    return {name: found[code] for code, name in _CLASSES.items() if found[code]}
