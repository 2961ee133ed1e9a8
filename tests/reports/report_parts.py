"""A small invented report for the tests of figures and rendering."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from reports.figures.curves import curves_figure, group_of
from reports.parts import Column, Figure, Line, Part, Table
from reports.render import RenderInput
from reports.stats.survival import kaplan_meier

HOSTILE = '*bold* #eval("1+1") $x^2$ _em_ <b>&amp; @see [a] `code` \\ // = 1'
META: dict[str, Any] = {
    "trial": "A trial of nothing in nobody",
    "trial_short": "Trial of nothing",
    "registration": "EudraCT 0000-000000-00",
    "report": 3,
    "version": 2,
    "cut": date(2020, 12, 31),
    "freeze": datetime(2021, 1, 15, 12, tzinfo=UTC),
    "built_at": datetime(2021, 1, 15, 12, 5, tzinfo=UTC),
    "snapshot_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "code_version": "0.1.0",
    "synthetic": True,
}


def table(*lines: Line, code: str = "T4", part: Part = Part.OPEN, title: str = "Baseline") -> Table:
    columns = (Column("Characteristic"), Column("Trial (N = 30)", numeric=True), Column("P value", numeric=True))
    return Table(code=code, title=title, part=part, columns=columns, lines=lines, notes=("Fisher's exact test.",))


BASELINE = table(
    Line(("Age at diagnosis",), "group"),
    Line(("Less than 3 months", "5 (17)", "<0.001"), "indent"),
    Line(("Median (range), months", "4.6 (0.1-11.8)", "not estimable"), "indent"),
    Line(("Class with a total", "12 (40)", ""), "group"),
    Line((HOSTILE, "=1+1", "0.51")),
)


def survival_figure(*, part: Part = Part.OPEN, code: str = "F7a", title: str = "Survival") -> Figure:
    curve = kaplan_meier([2, 4, 10, 26, 30], [1, 0, 1, 0, 0])
    return curves_figure(
        [group_of("Trial", curve)], code=code, title=title, part=part, quantity="Survival", since="study entry"
    )


def report(**changes: Any) -> RenderInput:
    given: dict[str, Any] = {
        "meta": META,
        "part": Part.OPEN,
        "synopsis": (("Subjects", "30 enrolled"), ("Hostile", HOSTILE)),
        "tables": (BASELINE,),
        "figures": (survival_figure(),),
        "definitions": (("MRD negative", "All targets negative."),),
        "versions": (("CTCAE", "4.03"),),
        "hashes": (("tables/T4.csv", "ab" * 32),),
    }
    return RenderInput(**{**given, **changes})
