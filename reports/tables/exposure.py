"""T8: blinatumomab as it was given."""

from __future__ import annotations

from reports.derivations.analyses import count
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.tables.wording import PERCENT, by_code, columns, cut_note, enrolled, group, indented, median_range

REASONS = {
    "COMPLETED": "Completed as planned",
    "TOXICITY": "Toxicity",
    "PROGRESSION": "Progression or relapse",
    "DEATH": "Death",
    "CONSENT": "Consent withdrawn",
    "OTHER": "Other",
}
PAUSES = {"TOXICITY": "Adverse event", "TECHNICAL": "Technical", "OTHER": "Other"}


def build(snapshot: Snapshot) -> Table:
    subjects = snapshot["ADSL"].records
    started = [row for row in subjects if row["TRTSDTM"]]
    pauses = [row for row in snapshot["ADEX"].records if row["PAUSE"]]
    reasons = [row["REASON"] for row in pauses]
    full = count(started, lambda row: row["FULLCRS"] is True)
    lines = [
        Line(("Started blinatumomab", rounding.count_with_percent(len(started), len(subjects)))),
        Line(("Full course received", rounding.count_with_percent(full, len(subjects)))),
        Line(("Days infused, median (range)", median_range(row["DELDAYS"] for row in started))),
        Line(("Dose, % of planned, median (range)", median_range(row["DOSEPCT"] for row in started))),
        Line(("Dose changed without a stop", str(count(started, lambda row: row["DOSECHFL"])))),
        Line(("Infusion interrupted", str(count(started, lambda row: row["INTERRFL"])))),
        *(indented(label, str(reasons.count(code))) for code, label in PAUSES.items()),
        Line(("Days of pause, median (range)", median_range(row["DAYS"] for row in pauses))),
        group("Reason of stop"),
        *by_code(started, "STOPREAS", REASONS, missing="Infusion still running, or not said"),
    ]
    return Table(
        code="T8",
        title=f"Exposure to blinatumomab (N = {enrolled(snapshot)} enrolled, {len(started)} started)",
        part=Part.OPEN,
        columns=columns("Exposure", PERCENT),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "Full course: at least 27 days infused, pauses left out. Planned: 15 ug/m2/day for 28 days.",
            "A running infusion is measured to the end of the day of the data cut.",
        ),
    )
