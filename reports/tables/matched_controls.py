"""T20: disease-free survival of the controls that are matched to a subject, each case weighing one."""

from __future__ import annotations

from reports.derivations.analyses import matched_controls, trial_times
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.tables.wording import columns, cut_note, enrolled, no_interval_note, percent_interval

MONTHS = (12, 24, 36)


def build(snapshot: Snapshot) -> Table:
    trial, matched = trial_times(snapshot, "DFS"), matched_controls(snapshot)
    curve = trial.curve
    lines = (
        Line(("Study", str(len(trial)), *(percent_interval(curve.at(month)) for month in MONTHS))),
        Line(("Matched controls", str(matched.controls), *(percent_interval(matched.at(month)) for month in MONTHS))),
    )
    return Table(
        code="T20",
        title="Disease-free survival of matched controls"
        f" ({matched.controls} controls for {matched.cases} of N = {enrolled(snapshot)} subjects)",
        part=Part.CLOSED,
        columns=columns("Group", "N", *(f"{month} months, % (95 % CI)" for month in MONTHS)),
        lines=lines,
        notes=(
            cut_note(snapshot),
            "Matched on risk group, MRD at end of induction and age below 6 months. Each control weighs 1 /"
            " (controls of the same subject); weighted Kaplan-Meier (Galimberti, Sasieni, Valsecchi 2002)"
            " with log limits.",
            "Study: Kaplan-Meier with log-log limits.",
            *no_interval_note(lines),
        ),
    )
