"""Figures of a report as SVG, one file for each; the drawing functions know curves and counts only."""

from __future__ import annotations

from typing import Protocol

from reports.figures import exposure, mrd, relapse, survival
from reports.parts import Figure
from reports.snapshot import Snapshot


class BuildsFigure(Protocol):
    def build(self, snapshot: Snapshot) -> Figure: ...


# In the order of the report
FIGURES: tuple[BuildsFigure, ...] = (exposure, mrd, survival.DISEASE_FREE, survival.OVERALL, relapse)
