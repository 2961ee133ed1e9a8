"""F8: cumulative incidence of relapse, with the other events of disease-free survival competing."""

from __future__ import annotations

from reports.derivations import analyses
from reports.figures.curves import curves_figure, group_of
from reports.parts import Figure, Part
from reports.snapshot import Snapshot
from reports.stats.competing import cumulative_incidence

_RELAPSE, _OTHER = 1, 2


def build(snapshot: Snapshot) -> Figure:
    dfs = analyses.trial_times(snapshot, "DFS")
    causes = [_cause(row) for row in dfs.records]
    curves = cumulative_incidence(dfs.months, causes, number_of_causes=_OTHER)
    return curves_figure(
        [
            group_of("Relapse", curves[_RELAPSE]),
            group_of("Death or second cancer without relapse", curves[_OTHER], short="Other"),
        ],
        code="F8",
        title="Cumulative incidence of relapse and of the events that compete with it",
        part=Part.CLOSED,
        quantity="Cumulative incidence",
        since="study entry",
        mark_at=analyses.TWO_YEARS,
        notes=(
            "Aalen-Johansen estimates. Band (relapse) and thin lines (other) are pointwise 95% intervals on the "
            "log-log scale, Aalen's variance.",
        ),
    )


def _cause(row: analyses.Record) -> int:
    """0 = censored."""
    if not row["EVENT"]:
        return 0
    return _RELAPSE if row["EVTYPE"] == "RELAPSE" else _OTHER
