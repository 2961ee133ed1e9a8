"""T15: minimal residual disease by time point, beside the historical controls."""

from __future__ import annotations

from collections.abc import Sequence

from reports.derivations.analyses import LOW_OR_NEGATIVE, Record
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.stats.proportions import clopper_pearson, fisher_exact
from reports.tables.wording import NO_DATA, columns, cut_note, enrolled, group

# The controls were sampled at three of the six time points.
TIME_POINTS = {
    "EOI": "End of induction",
    "D15": "Day 15 of blinatumomab",
    "D29": "Day 29, end of blinatumomab",
    "MARMA": "Before MARMA",
    "OCTADAD": "Before OCTADA(D) or transplantation",
    "MAINT": "Before maintenance",
}
CLASSES = {"NEG": "Negative", "LOW": "Low (below 5 x 10^-4)", "HIGH": "High (5 x 10^-4 or more)"}


def build(snapshot: Snapshot) -> Table:
    controls = snapshot["CONTROLS"].records
    lines: list[Line] = []
    for point, label in TIME_POINTS.items():
        trial = _known(snapshot["ADSL"].records, point)
        lines += [group(label), *_lines(trial, _known(controls, point), compared=point in ("MARMA", "OCTADAD"))]
    return Table(
        code="T15",
        title="Minimal residual disease by time point, study against historical controls"
        f" (N = {enrolled(snapshot)} and {len(controls)})",
        part=Part.CLOSED,
        columns=columns("Class", "Study", "Controls", "P"),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "The worst class of all targets counts. Percentages are of those with a result at the time point;"
            " in brackets the exact 95 % interval (Clopper-Pearson). P: Fisher's exact test, two-sided.",
            f"“{NO_DATA}”: the controls have no sample at that time point.",
        ),
    )


def _known(rows: Sequence[Record], point: str) -> list[str]:
    return [row[f"MRD{point}"] for row in rows if row.get(f"MRD{point}") is not None]


def _lines(trial: list[str], controls: list[str], *, compared: bool) -> list[Line]:
    lines = [_line(label, trial, controls, (code,)) for code, label in CLASSES.items()]
    return [*lines, _line("Negative or low", trial, controls, LOW_OR_NEGATIVE, compared=compared)]


def _line(label: str, trial: list[str], controls: list[str], classes: Sequence[str], *, compared: bool = False) -> Line:
    ours, theirs = (sum(found in classes for found in known) for known in (trial, controls))
    p = rounding.p_value(fisher_exact(ours, len(trial), theirs, len(controls))) if compared else ""
    return Line(
        (
            label,
            _share(ours, len(trial)),
            rounding.count_percent(theirs, len(controls)) if controls else NO_DATA,
            p,
        ),
        kind="indent",
    )


def _share(counted: int, of: int) -> str:
    """`16/30 (53%) (34.3-71.7)`; "0/0" alone where there is nobody."""
    if not of:
        return rounding.count_percent(counted, of)
    interval = clopper_pearson(counted, of)
    limits = rounding.estimate_with_interval(interval.estimate, interval.lower, interval.upper).partition(" ")[2]
    return f"{rounding.count_percent(counted, of)} {limits}"
