"""From draft to the board: who may, in which state, and what the board gets."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied

from reports import access, actions, storage
from reports.lifecycle import ReportState
from reports.models import Report
from reports.parts import Part
from tests.people import make_user
from tests.reports.packages import fresh, make_draft
from trial.lifecycle import WrongState
from trial.models import AccessEvent, User

pytestmark = pytest.mark.django_db


def test_another_statistician_checks_and_the_builder_does_not(
    draft: Report, statistician: User, second_statistician: User
) -> None:
    assert not actions.can_check(statistician, draft)
    with pytest.raises(PermissionDenied, match="another statistician"):
        actions.mark_as_checked(report=draft, by=statistician)
    assert actions.can_check(second_statistician, draft)
    actions.mark_as_checked(report=draft, by=second_statistician)
    assert fresh(draft).checked_by == second_statistician


def test_only_a_checked_report_is_released(draft: Report, statistician: User, second_statistician: User) -> None:
    with pytest.raises(WrongState, match="is draft; it cannot become released"):
        actions.release(report=draft, by=statistician)
    actions.mark_as_checked(report=draft, by=second_statistician)
    actions.release(report=draft, by=statistician)
    assert fresh(draft).state == ReportState.RELEASED


@pytest.mark.parametrize("role", ["data-manager", "trial-manager", "inspector", "dsmb-member", "dsmb-chair"])
def test_nobody_else_builds_checks_or_releases(checked: Report, role: str) -> None:
    person = make_user(role)
    with pytest.raises(PermissionDenied):
        actions.ask_for_report(by=person, cut=checked.cut)
    with pytest.raises(PermissionDenied):
        actions.mark_as_checked(report=checked, by=person)
    with pytest.raises(PermissionDenied):
        actions.release(report=checked, by=person)
    assert fresh(checked).state == ReportState.CHECKED


def test_a_newer_version_supersedes_the_older_one_of_the_same_number_alone(
    released: Report, statistician: User, second_statistician: User
) -> None:
    other = make_draft(statistician)
    newer = make_draft(statistician, number=released.number)
    for report in (other, newer):
        actions.mark_as_checked(report=report, by=second_statistician)
        actions.release(report=report, by=statistician)
    assert [fresh(report).state for report in (released, other, newer)] == ["superseded", "released", "released"]


def test_an_older_version_is_not_released_after_a_newer_one(statistician: User, second_statistician: User) -> None:
    older = make_draft(statistician)
    newer = make_draft(statistician, number=older.number)
    for report in (older, newer):
        actions.mark_as_checked(report=report, by=second_statistician)
    actions.release(report=newer, by=statistician)
    assert not actions.can_release(statistician, fresh(older))
    with pytest.raises(WrongState, match="comes too late"):
        actions.release(report=older, by=statistician)


def test_the_board_is_told_without_content(
    checked: Report, statistician: User, member: User, chair: User, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        actions.release(report=checked, by=statistician)
    assert [message.to for message in mail.outbox] == [[chair.email], [member.email]]
    assert all(message.subject == "Report 1, version 1 is ready for you" for message in mail.outbox)
    assert not any("invented" in message.body.lower() or "CLOSED" in message.body for message in mail.outbox)


def test_a_report_whose_file_changed_is_not_released(checked: Report, statistician: User) -> None:
    path = checked.files.get(part=Part.CLOSED, name="tables/T1.csv").path
    path.chmod(0o640)
    path.write_text("another number\n")
    with pytest.raises(WrongState, match="not what was built"):
        actions.release(report=checked, by=statistician)
    assert fresh(checked).state == ReportState.CHECKED


def test_the_board_finds_released_reports_and_no_draft(
    released: Report, statistician: User, member: User, chair: User
) -> None:
    draft = make_draft(statistician)
    assert set(access.reports(statistician)) == {released, draft}
    for reader in (member, chair):
        assert set(access.reports(reader)) == {released}


@pytest.mark.parametrize("role", ["data-manager", "trial-manager", "inspector", "safety-officer", "mrd-laboratory"])
def test_nobody_else_finds_any_report(released: Report, role: str) -> None:
    assert not access.reports(make_user(role)).exists()


def test_each_download_is_logged_with_its_hash(released: Report, member: User) -> None:
    file = released.files.get(part=Part.CLOSED, name="tables/T1.csv")
    taken = actions.download_file(file=file, by=member)
    assert taken == actions.Download("report-1-v1-closed-tables-T1.csv", b"CLOSED\n")
    event = AccessEvent.objects.get(event="report downloaded")
    assert (event.user, event.role, event.sha256) == (member, "dsmb-member", file.sha256)
    assert event.target == "Report 1, version 1: CLOSED, tables/T1.csv"


def test_a_part_holds_its_own_files_alone(released: Report, member: User) -> None:
    taken = actions.download_part(report=released, part=Part.OPEN, by=member)
    with zipfile.ZipFile(io.BytesIO(taken.content)) as package:
        assert sorted(package.namelist()) == ["document.json", "marked.json", "report.pdf", "tables/T1.csv"]
        assert package.read("tables/T1.csv") == b"OPEN\n"
        marked = json.loads(package.read("marked.json"))
        pdf_sha256 = hashlib.sha256(package.read("report.pdf")).hexdigest()
    unmarked = released.files.get(part=Part.OPEN, name="report.pdf").sha256
    assert marked["for"] == member.full_name
    assert marked["files"] == [{"file": "report.pdf", "sha256": pdf_sha256, "sha256_unmarked": unmarked}]
    assert AccessEvent.objects.filter(event="report downloaded").count() == 3


@pytest.mark.requirement("DB-06")
def test_two_readers_get_two_marks_and_the_log_one_hash(released: Report, member: User, chair: User) -> None:
    file = released.files.get(part=Part.CLOSED, name="report.pdf")
    with time_machine.travel(datetime(2026, 1, 5, 14, 2, tzinfo=UTC), tick=False):
        taken = [actions.download_file(file=file, by=reader) for reader in (member, chair)]
    contents = {file.path.read_bytes(), *(download.content for download in taken)}
    assert len(contents) == 3
    hashes = AccessEvent.objects.filter(event="report downloaded").values_list("sha256", flat=True)
    assert set(hashes) == {hashlib.sha256(file.path.read_bytes()).hexdigest()}


def test_a_file_that_is_gone_is_said_so(released: Report, member: User) -> None:
    file = released.files.first()
    file.path.unlink()
    with pytest.raises(WrongState, match="not handed out"):
        actions.download_file(file=file, by=member)
    assert not AccessEvent.objects.filter(event="report downloaded").exists()


def test_a_folder_is_never_written_twice(draft: Report, tmp_path: Path) -> None:
    before = {file.path: file.path.read_bytes() for file in draft.files.all()}
    again = tmp_path / "again"
    again.mkdir()
    (again / "report.pdf").write_text("another")
    with pytest.raises(storage.WouldOverwrite, match="not overwritten"):
        storage.put_in_place(again, draft)
    assert {path: path.read_bytes() for path in before} == before
