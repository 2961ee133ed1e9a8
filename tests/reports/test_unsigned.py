"""A report is asked for in sight of the SAE and end-point forms that nobody has signed (ES-07)."""

import pytest
from django.utils import timezone

from reports import unsigned
from tests.access.world import enter_blank, visit_of
from tests.people import make_user
from tests.trial.pages import browser, words
from tests.trial.signing import sign
from trial import actions
from trial.models import Subject, User

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("ES-07")]


def test_the_page_that_asks_for_a_report_names_what_is_not_signed(
    subject: Subject, coordinator: User, investigator: User
) -> None:
    statistician = browser(make_user("statistician"))
    assert "All SAE and end-point forms are signed." in words(statistician.get("/reports/"))
    enter_blank(subject, "serious_adverse_event", coordinator)
    enter_blank(subject, "vital_signs", coordinator)  # no end point is made of it
    consent = enter_blank(subject, "follow_up", coordinator)
    page = words(statistician.get("/reports/"))
    assert "Not signed: 2 SAE and end-point forms" in page
    assert f"{subject.number}: Serious adverse event 1" in page
    assert f"/forms/{consent.pk}/" in statistician.get("/reports/").content.decode()


def test_a_report_says_how_many_were_unsigned_at_its_moment(
    subject: Subject, coordinator: User, investigator: User
) -> None:
    before = timezone.now()
    record = actions.new_record(
        subject=subject, crf_code="follow_up", visit=subject.visits.get(code=visit_of("follow_up"))
    )
    values = {"fudat": "2024-01-03", "alive": "Y", "remission": "Y"}
    record = actions.save_form(record=record, values=values, by=coordinator).record
    entered = timezone.now()
    sign(record, investigator)
    signed = timezone.now()
    actions.save_form(record=record, values={"remission": "N"}, by=coordinator, reason="Entry error")
    changed = timezone.now()
    said = [unsigned.in_words(moment) for moment in (before, entered, signed, changed)]
    assert said == ["", "1 SAE or end-point form", "", "1 SAE or end-point form"]
