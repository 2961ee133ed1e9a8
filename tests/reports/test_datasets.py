"""From the rows of the demo study to analysis datasets: the cut rule, the counting rules, the derived times."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reports.derivations.cut import cut_rows
from reports.derivations.derive import derive
from reports.results import results
from reports.snapshot import Snapshot
from tests.reports import rows_from_csv
from tests.reports.truncated import truncated

EXPECTED = Path(__file__).resolve().parents[1] / "reference"
FREEZE = datetime(2022, 9, 15, 12, tzinfo=UTC)
FINAL = date(2022, 8, 31)
INTERIM = (date(2019, 12, 31), date(2020, 12, 31), date(2021, 7, 31))
ENDPOINTS = {"DFS": "dfs", "OS": "os", "DFS_SENS": "sens_dfs", "OS_SENS": "sens_os"}


def expected(name: str) -> dict[str, dict[str, str]]:
    with (EXPECTED / name).open(newline="", encoding="utf-8") as file:
        return {row["patient_id"]: row for row in csv.DictReader(file)}


def snapshot(raw: Any, cut: date) -> Snapshot:
    controls = rows_from_csv.historical(rows_from_csv.tables())
    return Snapshot(cut=cut, freeze=FREEZE, datasets=derive(cut_rows(raw, cut), controls))


@cache
def demo(cut: date = FINAL) -> Snapshot:
    return snapshot(rows_from_csv.raw(rows_from_csv.tables()), cut)


def by_subject(found: Snapshot, dataset: str = "ADSL") -> dict[str, Any]:
    return {row["USUBJID"]: row for row in found[dataset].records}


def test_times_are_those_of_the_reference_for_every_subject() -> None:
    found = {(row["USUBJID"], row["PARAMCD"]): (row["DAYS"], row["EVENT"]) for row in demo()["ADTTE"].records}
    told = {
        (who, parameter): (int(row[f"{name}_days"]), row[f"{name}_event"] == "1")
        for who, row in expected("survival_derived.csv").items()
        for parameter, name in ENDPOINTS.items()
    }
    assert found == told


def test_mrd_classes_are_those_of_the_reference_for_every_subject() -> None:
    points = ("EOI", "D15", "D29", "MARMA", "OCTADAD", "MAINT")
    found = {who: [row[f"MRD{point}"] or "" for point in points] for who, row in by_subject(demo()).items()}
    told = {who: [row[point] for point in points] for who, row in expected("mrd_categories.csv").items()}
    assert found == told


def test_risk_group_as_derived_is_the_recorded_one() -> None:
    assert all(row["RISKDER"] == row["RISKREC"] is not None for row in demo()["ADSL"].records)


def test_interrupted_infusion_is_measured_without_its_pause() -> None:
    subject = by_subject(demo())["S011"]
    assert (subject["DELDAYS"], subject["INTDAYS"], subject["INTERRFL"]) == (Decimal(28), Decimal(2), True)
    assert [(row["DOSE"], row["PAUSE"]) for row in demo()["ADEX"].records if row["USUBJID"] == "S011"] == [
        (15, False), (0, True), (10, False), (15, False),
    ]  # fmt: skip


def test_events_after_the_start_of_the_next_course_are_kept_but_not_counted() -> None:
    counted = [row["AECOUNT"] for row in demo()["ADAE"].records]
    assert (counted.count(True), counted.count(False)) == (78, 4)


@pytest.mark.parametrize("cut", [*INTERIM, date(2020, 6, 10), date(2022, 8, 15)])
def test_cut_equals_the_files_truncated_by_hand(cut: date) -> None:
    by_hand = snapshot(rows_from_csv.raw(truncated(rows_from_csv.tables(), cut)), cut)
    for name, dataset in demo(cut).datasets.items():
        assert dataset.csv == by_hand[name].csv, name
    assert results(demo(cut)) == results(by_hand)


@pytest.mark.parametrize("cut", INTERIM)
def test_nothing_in_a_dataset_is_later_than_the_cut(cut: date) -> None:
    ends = datetime(cut.year, cut.month, cut.day, 23, 59, tzinfo=UTC)
    for name, dataset in demo(cut).datasets.items():
        for row in dataset.rows:
            days = [value for value in row if type(value) is date]
            assert all(value <= cut for value in days), name
            if name != "ADEX":  # a running infusion is measured to the end of the day of the cut, at the site
                assert all(value <= ends for value in row if isinstance(value, datetime)), name


def test_running_infusion_counts_to_the_end_of_the_day_of_the_cut() -> None:
    subject = by_subject(demo(date(2021, 7, 31)))["S030"]
    assert (subject["TRTONGO"], subject["STOPREAS"], subject["FULLCRS"]) == (True, None, False)
    assert subject["DELDAYS"] == Decimal("13.54167")  # 18-Jul 11:00 to 31-Jul 24:00


def test_event_that_ends_after_the_cut_is_ongoing_and_not_recovered() -> None:
    row = next(row for row in demo()["ADAE"].records if row["AENDT"] > row["ASTDT"])
    seen = [
        other
        for other in demo(row["ASTDT"])["ADAE"].records
        if (other["USUBJID"], other["AETERM"], other["ASTDT"]) == (row["USUBJID"], row["AETERM"], row["ASTDT"])
    ]
    assert [(other["AENDT"], other["AEONGO"], other["AEOUT"]) for other in seen] == [(None, "Y", "NOT_RECOVERED")]


def test_survival_is_censored_at_the_cut_for_who_was_seen_later_and_before_it_for_who_was_not() -> None:
    assert {row["LSTALVDT"] for row in demo(date(2020, 12, 31))["ADSL"].records if not row["DTHDT"]} == {
        date(2020, 12, 31)
    }
    assert by_subject(demo())["S001"]["LSTALVDT"] == date(2022, 8, 2)


def test_follow_up_that_does_not_say_alive_proves_nothing() -> None:
    raw = dict(rows_from_csv.raw(rows_from_csv.tables()))
    raw["follow_up"] = [{**row, "alive": None} for row in raw["follow_up"]]
    assert by_subject(snapshot(raw, FINAL))["S003"]["LSTALVDT"] < date(2022, 7, 30)


def test_only_confirmed_deviations_of_the_treatment_schedule_censor() -> None:
    raw = dict(rows_from_csv.raw(rows_from_csv.tables()))
    changes: dict[str, dict] = {"S029": {"dvconf": "N"}, "S023": {"dvcat": "PROCEDURE"}, "S013": {"dvconf": None}}
    raw["deviation"] = [{**row, **changes.get(row["subject"], {})} for row in raw["deviation"]]
    deviating = {who for who, row in by_subject(snapshot(raw, FINAL)).items() if row["DEVDT"]}
    assert deviating == {"S025", "S030"}


def test_second_cancer_ends_disease_free_survival() -> None:
    raw = dict(rows_from_csv.raw(rows_from_csv.tables()))
    spine = {**raw["disease_event"][0], "subject": "S003", "record": 99999, "sequence": 1}
    raw["disease_event"] = [*raw["disease_event"], {**spine, "deevent": "SECOND_CANCER", "dedat": date(2021, 1, 5)}]
    ended = [row for row in snapshot(raw, FINAL)["ADTTE"].records if row["USUBJID"] == "S003" and row["EVENT"]]
    assert {(row["PARAMCD"], row["EVTYPE"], row["ADT"]) for row in ended} == {
        ("DFS", "SECOND_CANCER", date(2021, 1, 5)),
        ("DFS_SENS", "SECOND_CANCER", date(2021, 1, 5)),
    }


def test_infusion_whose_rows_contradict_each_other_is_not_measured() -> None:
    raw = dict(rows_from_csv.raw(rows_from_csv.tables()))
    before = datetime(2019, 11, 1, tzinfo=UTC)
    raw["interruption"] = [{**row, "intendtc": before} for row in raw["interruption"]]
    subject = by_subject(snapshot(raw, FINAL))["S011"]
    assert (subject["DELDAYS"], subject["FULLCRS"], subject["INTERRFL"]) == (None, None, True)


def test_toxicity_that_stops_the_infusion_for_good_is_an_end_point_unless_not_attributable() -> None:
    raw = dict(rows_from_csv.raw(rows_from_csv.tables()))
    events = raw["adverse_event"]
    changed = {"S005": {"aeacn": "WITHDRAWN", "aerel": "POSSIBLE"}, "S010": {"aeacn": "WITHDRAWN", "aerel": "UNLIKELY"}}
    raw["adverse_event"] = [{**row, **changed.get(row["subject"], {})} for row in events]
    stopped = ("S001", "S010")
    raw["infusion"] = [{**r, "stop_reason": "TOXICITY"} if r["subject"] in stopped else r for r in raw["infusion"]]
    found = {who for who, row in by_subject(snapshot(raw, FINAL)).items() if row["ENDPTFL"]}
    assert found == {"S001", "S005"}


def test_same_rows_in_another_order_give_the_same_snapshot() -> None:
    raw = rows_from_csv.raw(rows_from_csv.tables())
    turned = {name: list(reversed(rows)) for name, rows in raw.items()}
    assert snapshot(turned, FINAL).sha256 == demo().sha256
