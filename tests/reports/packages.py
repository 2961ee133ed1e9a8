"""Reports for tests of what comes after the build: small packages, stored by the same actions."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from patients.criteria import CRITERIA
from reports import storage
from reports.actions import building, mark_as_checked, release
from reports.models import Report
from reports.package import BuiltReport, list_files
from reports.parts import Column, Line, Part, Table
from reports.render import RenderInput, stored
from reports.render.pdf import pdf
from tests.people import make_user
from trial.actions import forms, subjects
from trial.models import Job, Site, Subject, User

CUT = date(2022, 8, 31)
FREEZE = datetime(2022, 9, 15, 12, tzinfo=UTC)
META = {
    "trial": "An invented trial",
    "registration": "none",
    "report": 1,
    "version": 1,
    "cut": CUT,
    "freeze": FREEZE,
    "built_at": FREEZE,
    "snapshot_sha256": "a" * 64,
    "code_version": "0",
}


@pytest.fixture
def statistician(db: None) -> User:
    return make_user("statistician")


@pytest.fixture
def second_statistician(db: None) -> User:
    return make_user("statistician", username="statistician-2")


@pytest.fixture
def member(db: None) -> User:
    return make_user("dsmb-member")


@pytest.fixture
def chair(db: None) -> User:
    return make_user("dsmb-chair")


@pytest.fixture
def draft(statistician: User) -> Report:
    return make_draft(statistician)


@pytest.fixture
def checked(draft: Report, second_statistician: User) -> Report:
    mark_as_checked(report=draft, by=second_statistician)
    return fresh(draft)


@pytest.fixture
def released(checked: Report, statistician: User) -> Report:
    release(report=checked, by=statistician)
    return fresh(checked)


def fresh(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


def make_draft(by: User, number: int | None = None) -> Report:
    """A report of one table in each part."""
    job = Job.objects.create(kind="interim report", asked_by=by, arguments={"cut": CUT.isoformat(), "number": number})
    report = building.begin(job)
    with storage.workshop(report) as folder:
        for part in Part:
            _write_part(folder / part.lower(), part)
        built = BuiltReport(cut=CUT, freeze=FREEZE, snapshot_sha256="a" * 64, files=list_files(folder))
        building.finish(report, job, folder, built)
    return fresh(report)


def _write_part(folder: Path, part: Part) -> None:
    (folder / "tables").mkdir(parents=True)
    table = Table(
        code="T1", title=f"An invented {part} table", part=part, columns=(Column("Sex"),), lines=(Line(("Female",)),)
    )
    (folder / "tables/T1.csv").write_text(f"{part}\n")
    given = RenderInput(meta=META, part=part, tables=(table,))
    (folder / stored.NAME).write_bytes(stored.write(given))
    (folder / "report.pdf").write_bytes(pdf(given))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def enrol(site: Site, by: User, on: date = date(2020, 1, 10)) -> Subject:
    """One invented subject who entered the trial."""
    subject = subjects.screen_subject(site=site, by=by)
    consent = forms.new_record(subject=subject, crf_code="consent")
    forms.save_form(record=consent, values={"icdat": on - timedelta(days=3), "icver": "1", "ickind": "FIRST"}, by=by)
    answers = {criterion.code: "Y" for criterion in CRITERIA} | {"eligible": "Y", "enrolled": "Y", "enroldat": on}
    screening = forms.new_record(subject=subject, crf_code="screening", visit=subject.visits.get(code="screening"))
    forms.save_form(record=screening, values=answers, by=by)
    return subject
