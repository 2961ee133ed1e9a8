"""T16: disease-free and overall survival at 12, 24 and 36 months, study and controls; what ended it."""

from __future__ import annotations

from collections import Counter

from reports.derivations.analyses import Times, control_times, everyone_times, trial_times
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.stats.survival import log_rank, reverse_kaplan_meier
from reports.tables.wording import columns, cut_note, enrolled, group, no_interval_note, percent_interval

MONTHS = (12, 24, 36)
ENDPOINTS = {"DFS": "Disease-free survival", "OS": "Overall survival"}
EVENTS = {"RELAPSE": "Relapse", "DEATH": "death", "SECOND_CANCER": "second cancer"}


def build(snapshot: Snapshot) -> Table:
    lines: list[Line] = []
    for endpoint, label in ENDPOINTS.items():
        ours, theirs = trial_times(snapshot, endpoint), control_times(snapshot, endpoint)
        lines += [group(label), _line("Study", ours, _p(ours, theirs)), _line("Historical controls", theirs)]
    lines += [
        group("All Interfant-06 patients, from diagnosis"),
        _line("Event-free survival", everyone_times(snapshot, "EFS")),
        _line("Overall survival", everyone_times(snapshot, "OS")),
    ]
    return Table(
        code="T16",
        title="Disease-free and overall survival, study against historical controls"
        f" (N = {enrolled(snapshot)} and {len(snapshot['CONTROLS'])})",
        part=Part.CLOSED,
        columns=columns("Group", "N", "Events", *(f"{m} months, % (95 % CI)" for m in MONTHS), "P"),
        lines=tuple(lines),
        notes=(cut_note(snapshot), *notes(snapshot), *no_interval_note(lines)),
    )


def notes(snapshot: Snapshot) -> tuple[str, ...]:
    os = trial_times(snapshot, "OS")
    potential = reverse_kaplan_meier(os.months, os.event).median.estimate
    what = Counter(row["EVTYPE"] for row in trial_times(snapshot, "DFS").records if row["EVENT"])
    ended = ", ".join(f"{label.lower()} {what[code]}" for code, label in EVENTS.items())
    return (
        "Kaplan-Meier from the end of induction with log-log limits; months of 30.4375 days. P: log-rank test."
        " Not adjusted: see the hazard ratios.",
        f"Events of disease-free survival in the study: {ended}. Molecular reappearance is not an event.",
        f"Median follow-up of the study by reverse Kaplan-Meier:"
        f" {rounding.value_with_range(potential, None, None)}{' months' if potential is not None else ''}.",
        "“Not estimable”: no subject was followed that long.",
    )


def _line(label: str, times: Times, p: str = "") -> Line:
    curve = times.curve
    estimates = (percent_interval(curve.at(month)) for month in MONTHS)
    return Line((label, str(len(times)), str(int(times.event.sum())), *estimates, p), kind="indent")


def _p(ours: Times, theirs: Times) -> str:
    if not len(ours) or not len(theirs):
        return rounding.p_value(None)
    arms = [1] * len(ours) + [0] * len(theirs)
    return rounding.p_value(log_rank([*ours.months, *theirs.months], [*ours.event, *theirs.event], arms).p)
