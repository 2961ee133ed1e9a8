"""Items and forms that appear when an answer calls for them, and answers that are no longer asked for."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.trial.pages import browser, new_url, words
from trial import actions
from trial.models import FormRecord, Subject, User

pytestmark = pytest.mark.django_db
AE = {"aeterm": "Death NOS", "aetoxgr": 5, "aestdat": "2024-01-03", "aeongo": "N", "aeendat": "2024-01-05"}


@pytest.fixture
def site(coordinator: User) -> Client:
    return browser(coordinator)


def entered(subject: Subject, by: User, crf: str, **values: Any) -> FormRecord:
    record = actions.new_record(subject=subject, crf_code=crf)
    return actions.save_form(record=record, values=values, by=by).record


def leads(site: Client, record: FormRecord) -> dict[str, str]:
    """Sentence -> address of what the saved form leads to."""
    page = site.get(f"/forms/{record.pk}/").content.decode()
    found = re.findall(r'Next:\s*<a href="([^"]+)">(.*?)</a>, because (.*?)\.\s*</p>', page, re.DOTALL)
    return {f"{title}, because {because}": url for url, title, because in found}


@pytest.mark.parametrize(
    ("crf", "values", "sentence", "shown"),
    [
        ("treatment_block", {"block": "HSCT", "ecstdat": "2024-05-02"},
         "Transplantation and cellular therapy, because cells are infused in this block", 'value="02-May-2024"'),
        ("treatment_block", {"block": "CAR-T"},
         "Transplantation and cellular therapy, because cells are infused in this block", 'value="CAR-T"'),
        ("treatment_block", {"block": "MARMA", "ecstdat": "2024-05-02", "as_protocol": "N"},
         "Protocol deviation, because the block was not given as the protocol says", 'value="02-May-2024"'),
        ("adverse_event", {**AE, "aeout": "FATAL", "aeser": "N"}, "Death, because the outcome is fatal",
         'value="05-Jan-2024"'),
        ("adverse_event", {**AE, "aeser": "Y"}, "Serious adverse event, because the event is serious",
         'value="05-Jan-2024"'),
        ("follow_up", {"fudat": "2024-05-02", "alive": "N"}, "Death, because the child is not alive", ""),
    ],
)  # fmt: skip
def test_a_saved_answer_leads_to_the_form_it_calls_for(
    site: Client, subject: Subject, coordinator: User, crf: str, values: dict[str, Any], sentence: str, shown: str
) -> None:
    record = entered(subject, coordinator, crf, **values)
    offered = leads(site, record)
    assert list(offered) == [sentence]
    assert shown in site.get(offered[sentence]).content.decode()


@pytest.mark.parametrize(
    ("crf", "values"),
    [("treatment_block", {"block": "MARMA", "as_protocol": "Y"}), ("follow_up", {"alive": "Y"}),
     ("adverse_event", {**AE, "aetoxgr": None, "aeterm": "Fever", "aeout": "RECOVERED", "aeser": "N"})],
)  # fmt: skip
def test_an_answer_that_calls_for_nothing_leads_nowhere(
    site: Client, subject: Subject, coordinator: User, crf: str, values: dict[str, Any]
) -> None:
    assert leads(site, entered(subject, coordinator, crf, **values)) == {}


def test_what_is_there_is_not_offered_again(site: Client, subject: Subject, coordinator: User) -> None:
    first = entered(subject, coordinator, "treatment_block", block="HSCT", ecstdat="2024-05-02")
    second = entered(subject, coordinator, "treatment_block", block="HSCT", ecstdat="2025-05-02")
    entered(subject, coordinator, "transplantation", trkind="HSCT", block=first.pk)
    assert leads(site, first) == {}
    assert len(leads(site, second)) == 1


def test_who_may_only_read_is_led_nowhere(subject: Subject, coordinator: User, inspector: User) -> None:
    record = entered(subject, coordinator, "follow_up", alive="N")
    assert leads(browser(inspector), record) == {}


def row(page: str, item: str) -> str:
    """The opening tag of an item's row."""
    found = re.search(rf'<(?:div|fieldset) class="row"\s+id="row-{item}"[^>]*>', page)
    assert found
    return found.group()


@pytest.mark.parametrize(
    ("values", "steps_back", "says"),
    [
        ({}, True, ""),
        ({"econgo": "Y"}, True, ""),
        ({"econgo": "N"}, False, ""),
        ({"econgo": "N", "ecendat": "2024-05-02"}, False, ""),
        ({"econgo": "Y", "ecendat": "2024-05-02"}, False,
         "Answered 02-May-2024, but no longer asked: Ongoing is Yes."),
        ({"ecendat": "2024-05-02"}, False, "Answered 02-May-2024, but no longer asked: Ongoing is blank."),
    ],
)  # fmt: skip
def test_an_item_steps_back_only_while_it_is_not_asked_and_blank(
    site: Client, subject: Subject, coordinator: User, values: dict[str, Any], steps_back: bool, says: str
) -> None:
    record = entered(subject, coordinator, "treatment_block", **values)
    page = site.get(f"/forms/{record.pk}/")
    tag = row(page.content.decode(), "ecendat")
    assert 'data-only-if="econgo"' in tag
    assert ("data-stepped-back" in tag) == steps_back
    assert ("no longer asked" in words(page)) == bool(says)
    assert says in words(page)


def test_an_answer_hidden_later_is_saved_all_the_same(site: Client, subject: Subject, coordinator: User) -> None:
    data = {"version": "0", "block": "MARMA", "ecstdat": "2 may 24", "econgo": "Y", "ecendat": "5 may 24"}
    asked = site.post(new_url(subject, "treatment_block"), data)
    seen = re.findall(r'name="seen" value="([^"]+)"', asked.content.decode())
    assert "treatment_block.ecendat.unasked" in seen
    assert site.post(new_url(subject, "treatment_block"), {**data, "seen": seen}).status_code == 302
    record = FormRecord.objects.get(crf_code="treatment_block")
    assert str(record.answers().ecendat) == "2024-05-05"
