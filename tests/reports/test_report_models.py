"""What PostgreSQL holds of a report, tried by going around the actions."""

from itertools import product

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from reports.lifecycle import REPORT_STEPS, ReportState
from reports.models import Report
from tests.reports.packages import fresh, make_draft
from trial.history import history, history_model
from trial.models import User

pytestmark = pytest.mark.django_db


def change(report: Report, by: User, **values: object) -> None:
    with history(by=by, role="statistician"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"snapshot_sha256": "b" * 64},
        {"cut": "2020-12-31"},
        {"number": 7},
        {"folder": "elsewhere"},
        {"state": "draft"},
        {"state": "checked"},
        {"checked_at": "2020-01-01T00:00Z"},
        {"released_at": "2020-01-01T00:00Z"},
    ],
)
def test_a_released_report_does_not_change(released: Report, statistician: User, values: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match=r"stays as it is|does not change"):
        change(released, statistician, **values)
    assert fresh(released).state == "released"


def test_a_released_report_may_be_superseded(released: Report, statistician: User) -> None:
    change(released, statistician, state="superseded", superseded_at="2026-01-01T00:00Z")
    assert fresh(released).state == "superseded"


def test_no_setting_of_a_session_lets_a_released_report_change(released: Report, statistician: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL pgtrigger.ignore = '{reports_report:reports_keep_report}'")
    with pytest.raises(DatabaseError, match="stays as it is"):
        change(released, statistician, cut="2020-12-31")


@pytest.mark.parametrize("table", ["reports_report", "reports_reportfile", "reports_reporthistoryrow"])
def test_the_application_deletes_nothing(released: Report, table: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}"')


def test_a_file_is_neither_changed_nor_added_later(draft: Report) -> None:
    file = draft.files.first()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        draft.files.update(sha256="b" * 64)
    file.pk, file.name = None, "another.csv"
    with pytest.raises(DatabaseError, match="written once, while it is built"), transaction.atomic():
        file.save(force_insert=True)


@pytest.mark.parametrize(("start", "end"), [p for p in product(ReportState, ReportState) if p[0] != p[1]])
def test_the_database_knows_the_same_steps(start: ReportState, end: ReportState) -> None:
    """The condition of the trigger, asked for each pair of states."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'reports_keep_report'")
        source = cursor.fetchone()[0]
    assert (f"('{start}', '{end}')" in source) == ((start, end) in REPORT_STEPS)


def test_a_report_begins_as_building(statistician: User) -> None:
    with pytest.raises(DatabaseError, match="begins as building"), history(by=statistician, role="statistician"):
        Report.objects.create(number=1, cut="2022-08-31", state="draft")


def test_nobody_checks_what_they_built(draft: Report, statistician: User) -> None:
    with pytest.raises(IntegrityError, match="report_checked_by_another"):
        change(draft, statistician, state="checked", checked_by=statistician, checked_at="2026-01-01T00:00Z")


def test_a_check_names_who_and_when(draft: Report, second_statistician: User) -> None:
    with pytest.raises(IntegrityError, match="report_checked"):
        change(draft, second_statistician, state="checked", checked_at="2026-01-01T00:00Z")


def test_history_shows_each_step_and_who_took_it(released: Report) -> None:
    rows = history_model(Report).objects.filter(pgh_obj_id=released.pk).order_by("pgh_id")
    assert [(row.state, row.pgh_actor.username) for row in rows] == [
        ("building", "statistician"),
        ("draft", "statistician"),
        ("checked", "statistician-2"),
        ("released", "statistician"),
    ]


def test_reports_count_one_two_three_and_versions_within(statistician: User) -> None:
    first = make_draft(statistician)
    made = [first, make_draft(statistician), make_draft(statistician, number=first.number)]
    assert [(report.number, report.version) for report in made] == [(1, 1), (2, 1), (1, 2)]
