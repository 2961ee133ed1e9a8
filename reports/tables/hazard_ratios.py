"""T19: hazard ratios of the study against historical controls, adjusted for risk group and MRD."""

from __future__ import annotations

from reports.derivations.analyses import ADJUSTED_FOR, adjusted_model
from reports.parts import Line, Part, Table
from reports.results import hazard_ratio
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.stats.cox import Ties
from reports.tables.wording import columns, cut_note, enrolled, group

ENDPOINTS = {"DFS": "Disease-free survival", "OS": "Overall survival"}


def build(snapshot: Snapshot) -> Table:
    lines: list[Line] = []
    for endpoint, label in ENDPOINTS.items():
        lines += [group(_heading(snapshot, endpoint, label)), *(_line(snapshot, endpoint, c) for c in ADJUSTED_FOR)]
    return Table(
        code="T19",
        title="Adjusted hazard ratios, study against historical controls"
        f" (N = {enrolled(snapshot)} and {len(snapshot['CONTROLS'])})",
        part=Part.CLOSED,
        columns=columns("Covariate", "Hazard ratio (95 % CI), Breslow", "P", "Hazard ratio (95 % CI), Efron"),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "Cox model with arm, risk group and MRD at end of induction; Wald limits."
            " Breslow and Efron: two ways to treat ties.",
            "“Not estimable”: no event in one of the groups. A subject without one of the covariates is left out.",
        ),
    )


def _heading(snapshot: Snapshot, endpoint: str, label: str) -> str:
    model = adjusted_model(snapshot, endpoint, "breslow")
    return label if model is None else f"{label} ({model.subjects} subjects, {model.events} events)"


def _line(snapshot: Snapshot, endpoint: str, covariate: str) -> Line:
    ties: tuple[Ties, Ties] = ("breslow", "efron")
    breslow, efron = (hazard_ratio(snapshot, endpoint, way, covariate) for way in ties)
    return Line((ADJUSTED_FOR[covariate], breslow.text, rounding.p_value(breslow.p), efron.text), kind="indent")
