"""T7: protocol deviations by category, and those that censor the sensitivity analysis.

In numbers only: the texts speak of response to treatment, which is closed.
"""

from __future__ import annotations

from reports.derivations.analyses import Record, subjects_of
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.tables.wording import columns, cut_note, enrolled

CATEGORIES = {
    "TREATMENT_SCHEDULE": "Treatment schedule",
    "PROCEDURE": "Procedure",
    "ELIGIBILITY": "Eligibility",
    "OTHER": "Other",
}


def build(snapshot: Snapshot) -> Table:
    rows = snapshot["ADDV"].records
    counted = [row for row in rows if row["DVCOUNT"]]
    lines = [_line("Any deviation", list(rows))]
    lines += [
        _line(label, [r for r in rows if r["DVCAT"] == code], kind="indent") for code, label in CATEGORIES.items()
    ]
    lines.append(_line("Confirmed, of the treatment schedule", counted))
    return Table(
        code="T7",
        title=f"Protocol deviations (N = {enrolled(snapshot)} enrolled)",
        part=Part.OPEN,
        columns=columns("Category", "Deviations", "Subjects"),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "Confirmed deviations from the treatment schedule censor the sensitivity analysis on their first day.",
        ),
    )


def _line(label: str, rows: list[Record], *, kind: str = "normal") -> Line:
    return Line((label, str(len(rows)), str(subjects_of(rows))), kind=kind)
