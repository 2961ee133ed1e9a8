"""F7a, F7b: disease-free and overall survival of the trial beside the historical controls."""

from __future__ import annotations

from dataclasses import dataclass

from reports.derivations import analyses
from reports.figures.curves import curves_figure, group_of
from reports.parts import Figure, Part
from reports.snapshot import Snapshot

_NOTES = (
    "Kaplan-Meier estimates. Band (study) and thin lines (controls) are pointwise 95% intervals on the log-log "
    "scale; ticks are censored subjects. "
    "Subjects at risk at a time are those observed up to at least that time.",
    "Controls are the patients of Interfant-06 that were selected by the protocol; they were not randomised.",
)


@dataclass(frozen=True)
class SurvivalFigure:
    """endpoint: DFS or OS."""

    code: str
    endpoint: str
    quantity: str

    def build(self, snapshot: Snapshot) -> Figure:
        trial = analyses.trial_times(snapshot, self.endpoint).curve
        controls = analyses.control_times(snapshot, self.endpoint).curve
        return curves_figure(
            [
                group_of("Blinatumomab and Interfant-06", trial, short="Blinatumomab"),
                group_of("Historical controls, Interfant-06", controls, short="Controls"),
            ],
            code=self.code,
            title=f"{self.quantity}, trial and historical controls",
            part=Part.CLOSED,
            quantity=self.quantity,
            since="study entry",
            mark_at=analyses.TWO_YEARS,
            notes=_NOTES,
        )


DISEASE_FREE = SurvivalFigure("F7a", "DFS", "Disease-free survival")
OVERALL = SurvivalFigure("F7b", "OS", "Overall survival")
