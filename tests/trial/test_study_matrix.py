"""The study matrix: what it shows of whom, to whom; and that it says the same as the casebooks."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest

from tests.people import VITAL_SIGNS, make_user
from tests.trial.pages import browser, words
from trial import actions, casebook, study_matrix
from trial.history import history
from trial.lifecycle import SubjectState
from trial.models import AccessEvent, FormRecord, Site, Subject, User
from trial.study_matrix import Wanted

pytestmark = pytest.mark.django_db


def enter(subject: Subject, code: str, visit: str, by: User, **values: Any) -> FormRecord:
    record = actions.new_record(subject=subject, crf_code=code, visit=subject.visits.get(code=visit))
    return actions.save_form(record=record, values=values, by=by).record


@pytest.fixture
def treated(subject: Subject, coordinator: User) -> Subject:
    """Enrolled, with windows that are long over; one form at day 8, nothing else."""
    day = date(2024, 1, 10)
    with history(by=coordinator, role="site-coordinator", site_id=subject.site_id):
        subject.state = SubjectState.ENROLLED
        subject.save()
        subject.visits.filter(code__in=["day_1", "day_8"]).update(target=day, opens=day, closes=day)
    enter(subject, "vital_signs", "day_8", coordinator, **VITAL_SIGNS)
    return subject


def cells(user: User, subject: Subject, **wanted: Any) -> dict[str, Any]:
    """Label of the column -> cell."""
    page = study_matrix.page(user, [subject], Wanted(**wanted))
    labels = [column["label"] for column in page["columns"]]
    return dict(zip(labels, page["rows"][0]["cells"], strict=True))


def test_a_cell_shows_what_needs_somebody_soonest(treated: Subject, coordinator: User, data_manager: User) -> None:
    assert cells(coordinator, treated)["Day 8"]["word"].startswith("2 overdue, 1 ")
    record = FormRecord.objects.get(crf_code="vital_signs")
    actions.open_query(target=record, item="hr", text="Is this in the chart?", by=data_manager)
    only = cells(coordinator, treated, form="vital_signs")["Day 8"]
    assert (only["status"], only["url"]) == ("query_open", f"/forms/{record.pk}/")
    assert cells(coordinator, treated)["Day 8"]["url"] == f"/subjects/{treated.number}/visits/day_8/"


def test_the_matrix_says_of_one_form_what_the_casebook_says(treated: Subject, data_manager: User) -> None:
    actions.lock(target=treated.visits.get(code="day_8"), by=data_manager, reason="Data are clean")
    book = casebook.matrix(data_manager, treated)
    labels = [column["label"] for column in book["columns"]]
    titles = {spec.title: spec.code for spec in casebook.visible_specs(data_manager)}
    for row in book["rows"]:
        shown = cells(data_manager, treated, form=titles[row["label"]])
        for label, cell in zip(labels, row["cells"], strict=True):
            other = shown.get(label)
            assert (cell and cell["word"], cell and cell["status"]) == (
                other and other["word"],
                other and other["status"],
            )


def said(cell: dict[str, Any] | None) -> tuple[str, str] | None:
    return (cell["word"], cell["status"]) if cell else None


def test_logs_are_counted_across_forms(subject: Subject, coordinator: User) -> None:
    for _ in range(3):
        record = actions.new_record(subject=subject, crf_code="adverse_event")
        actions.save_form(record=record, values={}, by=coordinator)
    shown = cells(coordinator, subject, across="forms")["Adverse event"]
    assert (shown["status"], shown["count"]) == ("query_open", 3)


def found(user: User, **wanted: Any) -> list[str]:
    return [subject.number for subject in study_matrix.subjects(user, Wanted(**wanted))]


def test_filters_choose_subjects(treated: Subject, coordinator: User, nl01: Site, data_manager: User) -> None:
    other = actions.screen_subject(site=nl01, by=coordinator)
    assert found(coordinator) == [treated.number, other.number]
    assert found(coordinator, number=other.number) == found(coordinator, state="screening") == [other.number]
    assert found(coordinator, site="NL01", state="enrolled") == [treated.number]
    for wanted in ("overdue", "unsigned", "unverified"):
        assert found(coordinator, **{wanted: True}) == [treated.number], wanted
    assert found(coordinator, overdue=True, form="follow_up") == []
    record = FormRecord.objects.get(crf_code="vital_signs")
    assert found(coordinator, queried=True, form="neurological") == []
    actions.open_query(target=record, item="hr", text="Is this in the chart?", by=data_manager)
    assert found(coordinator, queried=True, form="vital_signs") == [treated.number]


@pytest.mark.requirement("AC-03")
def test_the_matrix_holds_nothing_of_another_site(treated: Subject, coordinator: User, stranger: User) -> None:
    assert treated.number in words(browser(coordinator).get("/subjects/matrix/"))
    for address in ("/subjects/matrix/", "/subjects/matrix/?site=NL01", "/subjects/matrix.csv?site=NL01"):
        answer: Any = browser(stranger).get(address)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert treated.number.encode() not in text


def test_a_role_of_few_forms_sees_their_columns_alone(treated: Subject) -> None:
    page = words(browser(make_user("mrd-laboratory")).get("/subjects/matrix/"))
    assert "Day 15" in page
    assert "Day 8" not in page


def test_the_matrix_goes_page_by_page(nl01: Site, coordinator: User) -> None:
    for _ in range(51):
        actions.screen_subject(site=nl01, by=coordinator)
    client = browser(coordinator)
    first, second = (client.get("/subjects/matrix/", {"page": page}).content.decode() for page in (1, 2))
    rows = [re.findall(r'<a href="/subjects/(S\d+)/">', page) for page in (first, second)]
    assert [len(row) for row in rows] == [50, 1]


@pytest.mark.requirement("AT-10")
def test_the_matrix_as_a_file_has_all_subjects_and_leaves_an_event(nl01: Site, coordinator: User) -> None:
    for _ in range(51):
        actions.screen_subject(site=nl01, by=coordinator)
    answer: Any = browser(coordinator).get("/subjects/matrix.csv?across=visits")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbfsubject,site,state,")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(lines) == 52
    assert lines[51][:3] == ["S051", "NL01", "screening"]
    event = AccessEvent.objects.get(event="list downloaded")
    assert (event.user, event.target, len(event.sha256)) == (coordinator, "study-matrix: 51 rows", 64)
