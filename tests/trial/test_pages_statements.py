"""How many statements a page costs: all but those that begin and end transactions; signed in, warm."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.trial.pages import browser, new_url
from trial import actions
from trial.crf import registry
from trial.models import FormRecord, Site, Subject, User

pytestmark = pytest.mark.django_db
TYPED = {"vsdat": "3 jan 24", "temp": "37.2", "sysbp": "90", "diabp": "55", "hr": "120", "weight": "6.80"}
NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def statements(ask: Callable[[], Any], status: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert ask().status_code == status
    return [query["sql"] for query in captured if not query["sql"].startswith(NOT_COUNTED)]


def test_to_open_a_form_costs_12_at_most_for_whoever_reads_it(
    vital_signs: FormRecord, investigator: User, monitor: User, data_manager: User, inspector: User
) -> None:
    for reader in (investigator, monitor, data_manager, inspector):
        client = browser(reader)
        client.get("/")
        spent = statements(lambda client=client: client.get(f"/forms/{vital_signs.pk}/"), 200)
        assert len(spent) <= 12, "\n".join(spent)


def test_to_open_a_form_costs_12_at_most(vital_signs: FormRecord, coordinator: User) -> None:
    client = browser(coordinator)
    client.get("/")
    assert len(statements(lambda: client.get(f"/forms/{vital_signs.pk}/"), 200)) <= 12
    new = new_url(vital_signs.subject, "neurological", vital_signs.visit)
    assert len(statements(lambda: client.get(new), 200)) <= 12


def test_to_read_a_form_that_links_to_others_costs_12_at_most(
    subject: Subject, coordinator: User, data_manager: User
) -> None:
    enter_everything(subject, coordinator)
    client = browser(data_manager)
    client.get("/")
    for record in subject.records.exclude(crf_code="consent"):
        spent = statements(lambda pk=record.pk: client.get(f"/forms/{pk}/"), 200)
        assert len(spent) <= 12, "\n".join([record.crf_code, *spent])


def test_to_open_a_form_that_links_to_others_costs_12_at_most(subject: Subject, coordinator: User) -> None:
    client = browser(coordinator)
    enter_everything(subject, coordinator)
    linking = {spec.code for spec in registry.all_specs() if any(item.links_to for item in spec.items)}
    saved = {record.crf_code: record for record in subject.records.filter(crf_code__in=linking)}
    assert len(saved) > 3
    for code, record in saved.items():
        for url in (f"/forms/{record.pk}/", new_url(subject, code, record.visit)):
            client.get(url)
            spent = statements(lambda url=url: client.get(url), 200)
            assert len(spent) <= 12, "\n".join([code, *spent])


def test_to_save_a_new_form_costs_15_at_most(subject: Subject, coordinator: User) -> None:
    client, url = browser(coordinator), new_url(subject, "vital_signs", subject.visits.get(code="day_1"))
    client.get(url)
    spent = statements(lambda: client.post(url, {"version": "0", "submission": str(uuid4()), **TYPED}), 302)
    assert len(spent) <= 15, "\n".join(spent)


def test_to_correct_a_form_costs_15_at_most(vital_signs: FormRecord, coordinator: User) -> None:
    client, url = browser(coordinator), f"/forms/{vital_signs.pk}/"
    client.get(url)
    data = {"version": "1", "submission": str(uuid4()), **TYPED, "temp": "37.4", "reason_code": "entry-error"}
    spent = statements(lambda: client.post(url, data), 302)
    assert len(spent) <= 15, "\n".join(spent)


def test_a_list_of_50_subjects_costs_12_at_most(nl01: Site, coordinator: User) -> None:
    for _ in range(50):
        actions.screen_subject(site=nl01, by=coordinator)
    client = browser(coordinator)
    client.get("/")
    assert len(statements(lambda: client.get("/subjects/"), 200)) <= 12


def test_to_screen_a_subject_costs_25_at_most(nl01: Site, coordinator: User) -> None:
    client = browser(coordinator)
    client.get("/")
    spent = statements(lambda: client.post("/subjects/screen/", {"site": "NL01"}), 302)
    assert len(spent) <= 25, "\n".join(spent)


def test_the_casebook_costs_20_at_most_however_many_forms(subject: Subject, coordinator: User) -> None:
    client, url = browser(coordinator), f"/subjects/{subject.number}/"
    enter_everything(subject, coordinator)
    client.get(url)
    spent = statements(lambda: client.get(url), 200)
    assert len(spent) <= 20, "\n".join(spent)
    enter_everything(subject, coordinator)
    assert len(statements(lambda: client.get(url), 200)) == len(spent)


def enter_everything(subject: Subject, by: User) -> None:
    """One more row of every log, and of a form at visits."""
    for spec in registry.all_specs():
        if spec.log:
            actions.save_form(record=actions.new_record(subject=subject, crf_code=spec.code), values={}, by=by)
    for visit in subject.visits.filter(code__in=["day_1", "day_8"]):
        if not visit.records.filter(crf_code="vital_signs").exists():
            record = actions.new_record(subject=subject, crf_code="vital_signs", visit=visit)
            actions.save_form(record=record, values={"hr": 120}, by=by)


def test_a_matrix_page_of_50_subjects_costs_12_at_most(nl01: Site, coordinator: User, subject: Subject) -> None:
    enter_everything(subject, coordinator)
    for _ in range(50):
        actions.screen_subject(site=nl01, by=coordinator)
    client = browser(coordinator)
    client.get("/")
    for wanted in ("", "?across=forms", "?site=NL01&overdue=on&queried=on&unsigned=on&unverified=on&form=vital_signs"):
        spent = statements(lambda wanted=wanted: client.get(f"/subjects/matrix/{wanted}"), 200)
        assert len(spent) <= 12, "\n".join(spent)
