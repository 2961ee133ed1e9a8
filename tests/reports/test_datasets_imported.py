"""The whole way: the demo study imported through the forms' own action, and every figure out of the database."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from reports.datasets import take
from reports.importing.loading import import_study
from reports.results import results
from reports.snapshot import Snapshot
from tests.reports import rows_from_csv
from tests.reports.test_datasets import FINAL, INTERIM, demo
from tests.reports.truncated import truncated
from trial.models import User

with (Path(__file__).resolve().parents[1] / "reference/results.csv").open(newline="", encoding="utf-8") as _file:
    PRINTED = {row["key"]: row["text"] for row in csv.DictReader(_file)}


def texts(snapshot: Snapshot) -> dict[str, str]:
    return {key: result.text for key, result in results(snapshot).items()}


@pytest.mark.usefixtures("imported_committed")
def test_imported_study_gives_every_figure_of_the_reference() -> None:
    assert texts(take(cut=FINAL)) == PRINTED


@pytest.mark.usefixtures("imported_committed")
def test_times_and_classes_of_the_database_are_those_of_the_files() -> None:
    found = take(cut=FINAL)
    for name in ("ADTTE", "ADMRD", "ADEX", "ADEC", "CONTROLS", "ALL484"):
        assert found[name].csv == demo()[name].csv, name


@pytest.mark.usefixtures("imported_committed")
@pytest.mark.parametrize("cut", INTERIM)
def test_cut_of_the_database_is_the_cut_of_the_files(cut: date) -> None:
    assert texts(take(cut=cut)) == texts(demo(cut))


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize("cut", INTERIM)
def test_report_as_of_a_day_equals_that_of_the_files_truncated_by_hand(cut: date, tmp_path: Path) -> None:
    write_csv(truncated(rows_from_csv.tables(), cut), tmp_path)
    import_study(tmp_path, by=User.objects.system())
    assert texts(take(cut=cut)) == texts(demo(cut))


def write_csv(tables: rows_from_csv.Tables, folder: Path) -> None:
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows_from_csv.tables()[name][0]))
            writer.writeheader()
            writer.writerows(rows)
