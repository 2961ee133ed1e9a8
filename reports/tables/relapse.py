"""T18: cumulative incidence of relapse, and what relapsed."""

from __future__ import annotations

from reports.derivations.analyses import count, relapse_incidence
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.tables.wording import columns, cut_note, enrolled, group, indented, no_interval_note, percent_interval

MONTHS = (12, 24, 36)


def build(snapshot: Snapshot) -> Table:
    curve, subjects = relapse_incidence(snapshot), snapshot["ADSL"].records
    relapsed = [row for row in subjects if row["RELDT"]]
    lines = [
        group("Cumulative incidence, % (95 % CI)"),
        *(indented(f"{month} months", percent_interval(curve.at(month))) for month in MONTHS),
        Line(("Relapses", str(len(relapsed)))),
        indented("High risk", str(count(relapsed, lambda row: row["RISK"] == "HIGH"))),
        indented("Medium risk", str(count(relapsed, lambda row: row["RISK"] == "MEDIUM"))),
        indented("With the CNS", str(count(relapsed, lambda row: "CNS" in (row["RELSITE"] or "").split("+")))),
        indented("CD19 positive", str(count(relapsed, lambda row: row["RELCD19"] == "POS"))),
        indented("With a CD19-negative clone", str(count(relapsed, lambda row: row["RELCLONE"] == "Y"))),
        Line(("Molecular reappearance", str(count(subjects, lambda row: row["MOLREDT"] is not None)))),
        Line(("Deaths", str(count(subjects, lambda row: row["DTHDT"] is not None)))),
        indented("In first remission", str(count(subjects, lambda row: row["DTHCR1FL"]))),
    ]
    return Table(
        code="T18",
        title=f"Relapse: cumulative incidence and kind (N = {enrolled(snapshot)})",
        part=Part.CLOSED,
        columns=columns("Relapse", "Value"),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "Aalen-Johansen with death and second cancer competing; Aalen's variance, log-log limits.",
            *no_interval_note(lines),
        ),
    )
