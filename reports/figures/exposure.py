"""F3: the infusion of each subject, with its doses and interruptions."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from patients.exposure import DAY, FULL_DOSE_UG_M2_DAY, PLANNED_DAYS
from reports.derivations.analyses import Record
from reports.figures.swimmer import Stretch, Swimmer, swimmer_figure
from reports.parts import Figure, Part
from reports.snapshot import Snapshot


def build(snapshot: Snapshot) -> Figure:
    segments: dict[str, list[Record]] = defaultdict(list)
    for row in snapshot["ADEX"].records:
        segments[row["USUBJID"]].append(row)
    subjects = {row["USUBJID"]: row for row in snapshot["ADSL"].records}
    return swimmer_figure(
        [_swimmer(subjects[subject], rows) for subject, rows in sorted(segments.items())],
        code="F3",
        title="Exposure to blinatumomab by subject",
        part=Part.OPEN,
        full_dose=float(FULL_DOSE_UG_M2_DAY),
        planned_days=PLANNED_DAYS,
        unit="µg/m²/day",
        notes=("Days are elapsed time; at the right, days infused without the pauses.",),
    )


def _swimmer(subject: Record, rows: list[Record]) -> Swimmer:
    ordered = sorted(rows, key=lambda row: row["ASTDTM"])
    start = ordered[0]["ASTDTM"]
    stretches = tuple(
        Stretch(_days(start, row["ASTDTM"]), _days(start, row["AENDTM"]), float(row["DOSE"])) for row in ordered
    )
    return Swimmer(subject["USUBJID"], stretches, _end(subject))


def _days(start: datetime, moment: datetime) -> float:
    return (moment - start) / DAY


def _end(subject: Record) -> str:
    if subject["TRTONGO"]:
        return "ongoing"
    if subject["STOPREAS"] is None:
        return "ended"
    return "completed" if subject["STOPREAS"] == "COMPLETED" else "stopped"
