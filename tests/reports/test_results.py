"""The 101 figures of the report come out of a snapshot to the digit, and every figure comes out of any data."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import snapshot as snapshots
from reports.derivations.cut import cut_rows
from reports.derivations.derive import derive
from reports.derivations.historical import Historical
from reports.parts import Result
from reports.results import results, to_json
from reports.snapshot import Dataset, Snapshot
from tests.reports import rows_from_csv
from tests.reports.test_datasets import FINAL, FREEZE, INTERIM, demo, snapshot

with (Path(__file__).resolve().parents[1] / "reference/results.csv").open(newline="", encoding="utf-8") as _file:
    PRINTED = {row["key"]: row["text"] for row in csv.DictReader(_file)}


@cache
def final_figures() -> dict[str, Result]:
    return results(demo())


@pytest.mark.parametrize("key", PRINTED)
def test_figure_of_the_reference_is_printed_to_the_digit(key: str) -> None:
    assert final_figures()[key].text == PRINTED[key]


@pytest.mark.parametrize("cut", [date(2018, 7, 1), date(2018, 7, 27), date(2018, 8, 1), date(2018, 10, 5), *INTERIM])
def test_every_figure_has_a_text_at_any_cut(cut: date) -> None:
    found = results(demo(cut))
    assert set(found) == set(PRINTED)
    assert all(result.text and "nan" not in result.text for result in found.values())


@given(days=st.integers(0, 1600))
@settings(max_examples=10, deadline=None)
def test_figures_of_any_day_can_be_computed_and_written(days: int) -> None:
    found = results(demo(date(2018, 6, 1) + timedelta(days=days)))
    assert set(json.loads(to_json(found, {}))["results"]) == set(PRINTED)


def test_nobody_gives_words_and_no_number() -> None:
    found = results(Snapshot(cut=FINAL, freeze=FREEZE, datasets=derive(cut_rows({}, FINAL), Historical())))
    assert found["N"].text == "0"
    assert found["DFS24"].text == found["HR_DFS_breslow"].text == found["WKM"].text == "not estimable"
    assert found["MRD_D29_NEG"].text == "0/0"
    assert found["ENROL_FIRST"].text == "-"
    assert found["CTRL_MR_OCT_HIGH"].text == "not estimable"


@pytest.mark.parametrize("parameter", ["OS", "DFS"])
def test_survival_without_an_event_has_an_estimate_and_no_interval(parameter: str) -> None:
    alive = [row for row in demo()["ADTTE"].records if row["PARAMCD"] == parameter and not row["EVENT"]]
    datasets = {**demo().datasets, "ADTTE": Dataset.of("ADTTE", demo()["ADTTE"].columns, alive)}
    found = results(Snapshot(cut=FINAL, freeze=FREEZE, datasets=datasets))[f"{parameter}24"]
    assert (found.text, found.estimate, found.lower, found.upper) == ("100.0 (no interval)", 1.0, None, None)


def without(*crfs: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda raw: {name: rows for name, rows in raw.items() if name not in crfs}


@pytest.mark.parametrize(
    "change",
    [
        without("baseline"),
        without("infusion"),
        without("mrd_sample", "mrd_result"),
        without("disease_event", "death"),
        without("follow_up"),
        without("end_of_induction", "treatment_block", "consent"),
        lambda raw: {**raw, "adverse_event": [{**r, "aeterm": None, "aetoxgr": None} for r in raw["adverse_event"]]},
        lambda raw: {**raw, "mrd_result": [{**r, "result": None, "value": None} for r in raw["mrd_result"]]},
        lambda raw: {**raw, "treatment_block": [{**r, "ecstdat": None, "block": None} for r in raw["treatment_block"]]},
        lambda raw: {**raw, "death": [{**r, "dthdat": date(2018, 1, 1)} for r in raw["death"]]},
    ],
)
def test_forms_that_are_missing_or_wrong_leave_every_figure_with_a_text(change: Callable[[Any], Any]) -> None:
    found = results(snapshot(change(dict(rows_from_csv.raw(rows_from_csv.tables()))), FINAL))
    assert set(found) == set(PRINTED)
    assert all(result.text for result in found.values())


def test_json_holds_texts_unrounded_numbers_and_meta() -> None:
    written = json.loads(to_json(results(demo()), {"cut": "2022-08-31"}))
    assert written["meta"] == {"cut": "2022-08-31"}
    assert {key: entry["text"] for key, entry in written["results"].items()} == PRINTED
    assert written["results"]["MRD_MR_NEG"] | {"lower": 0, "upper": 0} == {
        "text": "14/21 (67%)", "estimate": 14 / 21, "lower": 0, "upper": 0, "count": 14, "of": 21,
    }  # fmt: skip
    assert written["results"]["PERM_DISC"]["upper"] == pytest.approx(0.1157, abs=1e-4)
    assert written["results"]["DFS24"]["estimate"] == pytest.approx(0.816, abs=1e-9)


@pytest.mark.requirement("VA-06")
def test_results_computed_again_from_the_written_snapshot_are_the_same_bytes(tmp_path: Path) -> None:
    snapshots.write(demo(), tmp_path)
    again = snapshots.read(tmp_path)
    assert again.sha256 == demo().sha256
    assert to_json(results(again), {}) == to_json(results(demo()), {})


def test_entry_after_the_freeze_is_told_apart_by_the_hash_alone() -> None:
    later = Snapshot(cut=FINAL, freeze=datetime(2022, 9, 16, tzinfo=UTC), datasets=demo().datasets)
    assert later.sha256 != demo().sha256
    assert results(later) == results(demo())
