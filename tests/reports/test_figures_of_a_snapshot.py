"""Each figure of the demo study at its last cut and before anything happened, in agreement with the printed results."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from reports.derivations.cut import cut_rows
from reports.derivations.derive import derive
from reports.figures import FIGURES
from reports.parts import Figure, Part
from reports.results import results
from reports.snapshot import Dataset, Snapshot
from tests.reports import rows_from_csv


@cache
def demo() -> Snapshot:
    tables = rows_from_csv.tables()
    cut = date(2022, 8, 31)
    datasets = derive(cut_rows(rows_from_csv.raw(tables), cut), rows_from_csv.historical(tables))
    return Snapshot(cut=cut, freeze=datetime(2022, 9, 15, 12, tzinfo=UTC), datasets=datasets)


def emptied(snapshot: Snapshot, *names: str) -> Snapshot:
    bare = {name: Dataset(name, snapshot[name].columns, ()) for name in names or snapshot.datasets}
    return replace(snapshot, datasets={**snapshot.datasets, **bare})


def alone(snapshot: Snapshot, subject: str) -> Snapshot:
    """The same with one subject of the trial."""
    kept: dict[str, Any] = dict(snapshot.datasets)
    for name, dataset in snapshot.datasets.items():
        names = [column.name for column in dataset.columns]
        if "USUBJID" in names:
            at = names.index("USUBJID")
            kept[name] = Dataset(name, dataset.columns, tuple(row for row in dataset.rows if row[at] == subject))
    return replace(snapshot, datasets=kept)


@cache
def figures() -> dict[str, Figure]:
    return {figure.code: figure for figure in (one.build(demo()) for one in FIGURES)}


def test_only_exposure_is_open() -> None:
    parts = {code: figure.part for code, figure in figures().items()}
    assert parts == {"F3": Part.OPEN, **dict.fromkeys(("F6", "F7a", "F7b", "F8"), Part.CLOSED)}


def figure_text(key: str) -> str:
    """As the picture prints it: with a percent sign."""
    return results(demo())[key].text.replace(" (", "% (", 1)


@pytest.mark.parametrize(
    ("code", "key"),
    [("F7a", "DFS24"), ("F7a", "CTRL_DFS24"), ("F7b", "OS24"), ("F7b", "CTRL_OS24"), ("F8", "CIR24")],
)
def test_a_curve_prints_what_results_say(code: str, key: str) -> None:
    assert figure_text(key) in figures()[code].svg
    assert figure_text(key) in figures()[code].alt


def test_mrd_counts_are_those_of_the_results() -> None:
    assert "Before MARMA, Controls: negative 55/148 (37%), low 68/148 (46%), high 25/148 (17%)." in figures()["F6"].alt
    assert "Day 15, Controls: not measured." in figures()["F6"].alt


def test_exposure_shows_every_treated_subject_and_the_interruption() -> None:
    assert figures()["F3"].alt == (
        "Infusion of 30 subjects, planned for 28 days: 30 completed, 0 stopped early, 0 ongoing at the cut. "
        "Subjects with interruptions (number): S011 (1)."
    )


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_drawn_from_nothing_and_from_one_subject(figure: Any) -> None:
    for snapshot in (emptied(demo()), alone(demo(), "S001"), emptied(demo(), "CONTROLS")):
        assert figure.build(snapshot).svg.startswith("<svg")


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_of_the_same_snapshot_is_the_same(figure: Any) -> None:
    assert figure.build(demo()) == figure.build(demo())
