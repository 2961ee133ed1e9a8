"""T17: survival with deviating subjects censored, beside the main analysis."""

from __future__ import annotations

from reports.derivations.analyses import TWO_YEARS, subjects_of, trial_times
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.tables.wording import columns, cut_note, enrolled, group, no_interval_note, percent_interval

ENDPOINTS = {"DFS": "Disease-free survival", "OS": "Overall survival"}
ANALYSES = {"": "Main analysis", "_SENS": "Deviating subjects censored"}


def build(snapshot: Snapshot) -> Table:
    deviating = subjects_of(row for row in snapshot["ADDV"].records if row["DVCOUNT"])
    lines: list[Line] = []
    for endpoint, label in ENDPOINTS.items():
        lines += [group(label), *(_line(snapshot, endpoint + suffix, name) for suffix, name in ANALYSES.items())]
    return Table(
        code="T17",
        title=f"Sensitivity analysis: {deviating} subjects censored at their first deviating day"
        f" (N = {enrolled(snapshot)})",
        part=Part.CLOSED,
        columns=columns("Analysis", "N", "Events", "24 months, % (95 % CI)", "At risk at 24 months"),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "Confirmed deviations from the treatment schedule. Kaplan-Meier with log-log limits.",
            *no_interval_note(lines),
        ),
    )


def _line(snapshot: Snapshot, parameter: str, label: str) -> Line:
    times = trial_times(snapshot, parameter)
    estimate = times.curve.at(TWO_YEARS)
    cells = (label, str(len(times)), str(int(times.event.sum())), percent_interval(estimate), str(estimate.n_risk))
    return Line(cells, kind="indent")
