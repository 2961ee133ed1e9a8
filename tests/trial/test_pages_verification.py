"""Verification on its pages: the form's panel and gutter, the subject's values, what waits and what fell."""

import pytest

from tests.trial.pages import browser, words
from trial import actions, clock
from trial.actions import forms
from trial.models import FormRecord, ReviewMark, Subject, User, VerificationPlan

ALL = {"kind": "sdv", "step": "mark all", "version": "1"}


@pytest.mark.requirement("DE-05")
@pytest.mark.django_db
def test_a_form_is_verified_on_its_page_and_everybody_sees_it(
    vital_signs: FormRecord, monitor: User, coordinator: User
) -> None:
    client, url = browser(monitor), f"/forms/{vital_signs.pk}/"
    assert "Mark all 6 as verified" in words(client.get(url))
    assert client.post(f"{url}verify/", {**ALL, "step": "mark", "items": ["temp", "hr"]}).status_code == 302
    page = words(client.get(url))
    assert "Source data: 2 items verified, last by Monitor Person" in page
    assert "Mark all 4 as verified" in page
    client.post(f"{url}verify/", ALL)
    seen = words(browser(coordinator).get(url))
    assert "Source data: the whole form is verified, last by Monitor Person" in seen
    assert "Mark all" not in seen
    gutter = browser(coordinator).get(url).content.decode()
    assert gutter.count('aria-label="Verified, last by Monitor Person') == len(list(vital_signs.spec.items))


@pytest.mark.requirement("DE-05")
@pytest.mark.django_db
def test_what_fell_is_listed_with_who_and_why_until_it_is_verified_again(
    vital_signs: FormRecord, monitor: User, coordinator: User
) -> None:
    client = browser(monitor)
    client.post(f"/forms/{vital_signs.pk}/verify/", ALL)
    assert "Fallen" not in words(client.get("/verification/"))
    forms.save_form(record=vital_signs, values={"hr": 118}, by=coordinator, reason="Read the wrong line")
    for url in ("/verification/", "/subjects/S001/verification/"):
        page = words(client.get(url))
        assert "Heart rate" in page
        assert "Site Coordinator Person" in page
        assert "Read the wrong line" in page
    again = {**ALL, "version": "2", "back": "subject"}
    answer = client.post(f"/forms/{vital_signs.pk}/verify/", again)
    assert answer.headers["Location"] == "/subjects/S001/verification/"
    assert ReviewMark.objects.latest("id").items == ["hr"]
    assert "Nothing waits" in words(client.get(answer.headers["Location"]))


@pytest.mark.requirement("DE-05")
@pytest.mark.django_db
def test_the_plan_is_set_and_what_it_asks_for_is_listed_with_its_values(
    vital_signs: FormRecord, monitor: User, data_manager: User
) -> None:
    manager, client = browser(data_manager), browser(monitor)
    assert "No plan yet" in words(manager.get("/verification/"))
    sent = {"site": "NL01", "extent": "all", "starts_on": "3 jan 24"}
    assert manager.post("/verification/", {**sent, "starts_on": "soon"}).status_code == 422
    assert manager.post("/verification/", sent).status_code == 302
    assert str(VerificationPlan.objects.get()) == "Every item from 2024-01-03"
    assert "S001 1 6 today" in words(client.get("/verification/"))
    page = words(client.get("/subjects/S001/verification/"))
    assert "0 of 1 forms are verified as a whole, 1 wait" in page
    assert "Temperature planned 37.2 °C" in page
    assert "Mark all 6 shown items as verified" in page


@pytest.mark.django_db
def test_rows_of_a_log_are_told_apart_in_the_list_of_what_to_verify(
    subject: Subject, coordinator: User, monitor: User, data_manager: User
) -> None:
    for term in ("Fever", ""):
        record = forms.new_record(subject=subject, crf_code="adverse_event")
        forms.save_form(record=record, values={"aeterm": term} if term else {}, by=coordinator)
    actions.set_plan(site=None, extent="all", starts_on=clock.today(), by=data_manager)
    page = words(browser(monitor).get("/work/to-verify/"))
    assert "S001: Adverse event, Fever" in page
    assert "S001: Adverse event, No. 2" in page
