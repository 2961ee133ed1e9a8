"""Roles x states x steps of freezing and locking a form, at the page and the API, with the sentence of each refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.trial.pages import browser, words
from tests.trial.refusals import outcomes, people, rows
from trial.actions import forms, queries
from trial.actions import locks as locking
from trial.models import FormRecord, Lock, Site, User

TABLE = """
STATE    STEP      SC   INV  MON  DM        SO   TM   INS
free     freeze    role role role done      role role role
free     unfreeze  role role role unfrozen  role role role
free     lock      role role role done      role role role
free     unlock    role role role unlocked  role role role
free     open      role role role free      role role role
free     end       role role role unopened  role role role
frozen   freeze    role role role frozen    role role role
frozen   unfreeze  role role role done      role role role
frozen   lock      role role role done      role role role
frozen   unlock    role role role unlocked  role role role
frozen   open      role role role done      role role role
frozen   end       role role role unopened  role role role
locked   freeze    role role role done      role role role
locked   unfreeze  role role role unfrozen  role role role
locked   lock      role role role locked    role role role
locked   unlock    role role role done      role role role
locked   open      role role role done      role role role
locked   end       role role role unopened  role role role
above    freeze    role role role done      role role role
above    unlock    role role role unlocked  role role role
above    open      role role role done      role role role
opened   freeze    role role role done      role role role
opened   lock      role role role opened    role role role
opened   unlock    role role role unlocked  role role role
opened   open      role role role free      role role role
opened   end       role role role done      role role role
queried  freeze    role role role done      role role role
queried  lock      role role role queried   role role role
queried  unlock    role role role unlocked  role role role
deleted  freeze    role role role gone      role role role
deleted  lock      role role role gone      role role role
deleted  open      role role role gone      role role role
"""
OUTCOMES: dict[str, Any] = {
    "done": ({201, 302}, ""),
    "role": ({403}, "may not freeze, lock and unlock here."),
    "frozen": ({409}, "This is frozen already. Reload the page."),
    "unfrozen": ({409}, "This is not frozen here. Reload the page."),
    "locked": ({409}, "This is locked already. Reload the page."),
    "unlocked": ({409}, "This is not locked here. Reload the page."),
    "free": ({409}, "This form is not frozen or locked; it can be corrected as it is."),
    "opened": ({409}, "This form is open for a correction."),
    "unopened": ({409}, "This form is not open for a correction. Reload the page."),
    "queried": ({409}, "This form cannot be locked yet: 1 query is open or answered (S001: Vital signs, Day 1)."),
    "gone": ({409}, "This form was deleted; there is nothing to "),
}
WHY = "Interim analysis"


def prepare(state: str, record: FormRecord, everybody: dict[str, User]) -> None:
    manager = everybody["data-manager"]
    if state == "frozen":
        locking.freeze(target=record, by=manager, reason=WHY)
    elif state in ("locked", "opened"):
        locking.lock(target=record, by=manager, reason=WHY)
    elif state == "above":
        locking.lock(target=record.subject, by=manager, reason=WHY)
    elif state == "queried":
        queries.open_query(target=record, item="temp", text="Where was it taken?", by=manager)
    elif state == "deleted":
        forms.delete_form(record=record, by=everybody["site-coordinator"], reason="Wrong child")
    if state == "opened":
        locking.open_for_correction(record=record, by=manager, reason="Source shows 37.4")


def doors(record: FormRecord, step: str, reason: str = WHY) -> dict[str, Callable[[Client], Any]]:
    body, headers = {"scope": "form", "record": record.pk, "step": step}, {"X-Reason": reason}
    return {
        "page": lambda client: client.post(f"/forms/{record.pk}/lock/", {"step": step, "reason": reason}),
        "API": lambda client: client.post("/api/v1/locks/", body, content_type="application/json", headers=headers),
    }


@pytest.mark.requirement("DE-06")
@pytest.mark.requirement("DE-07")
@pytest.mark.django_db
@pytest.mark.parametrize("state", sorted({words[0] for words, _ in rows(TABLE)}))
def test_each_role_meets_what_the_table_says(
    state: str, vital_signs: FormRecord, nl01: Site, coordinator: User
) -> None:
    everybody = people(nl01, {"site-coordinator": coordinator})
    prepare(state, vital_signs, everybody)
    for (of_state, step), expected in rows(TABLE):
        if of_state == state:
            for name, door in doors(vital_signs, step).items():
                assert outcomes(everybody, door, expected, OUTCOMES) == expected, (name, step)


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@pytest.mark.parametrize("scope", ["subject", "visit", "site", "study"])
def test_every_scope_is_frozen_and_locked_on_one_page(
    scope: str, vital_signs: FormRecord, data_manager: User, coordinator: User
) -> None:
    client = browser(data_manager)
    sent = {"scope": scope, "subject": "S001", "visit": "day_1", "site": "NL01", "reason": WHY}
    for step in ("freeze", "lock", "unlock", "unfreeze"):
        assert client.post("/locks/", {**sent, "step": step}).status_code == 302
    assert [(row.scope, row.kind, row.locked) for row in Lock.objects.all()] == [
        (scope, "freeze", True), (scope, "lock", True), (scope, "lock", False), (scope, "freeze", False)
    ]  # fmt: skip
    assert "Nothing is frozen or locked" in words(client.get("/locks/"))
    assert WHY in words(client.get("/locks/?all"))
    assert client.post("/locks/", {**sent, "step": "freeze", "reason": "."}).status_code == 422
    assert browser(coordinator).get("/locks/").status_code == 403


@pytest.mark.django_db
def test_what_is_not_there_is_asked_for_in_words(vital_signs: FormRecord, data_manager: User) -> None:
    client = browser(data_manager)
    for sent, sentence in (
        ({"scope": "subject", "subject": "S999"}, "There is no subject with this number."),
        ({"scope": "visit", "subject": "S001", "visit": ""}, "Choose one of the subject's visits."),
        ({"scope": "site"}, "Choose the site."),
    ):
        answer = client.post("/locks/", {**sent, "step": "lock", "reason": WHY})
        assert answer.status_code == 422
        assert sentence in words(answer)


@pytest.mark.django_db
def test_a_correction_waits_on_the_home_of_the_site_and_in_the_list(
    vital_signs: FormRecord, data_manager: User, coordinator: User
) -> None:
    locking.lock(target=vital_signs.subject, by=data_manager, reason=WHY)
    locking.open_for_correction(record=vital_signs, by=data_manager, reason="Source shows 37.4")
    assert "Vital signs of S001, Day 1: Source shows 37.4" in words(browser(coordinator).get("/"))
    assert "the correction" in words(browser(data_manager).get("/locks/"))
    page = words(browser(coordinator).get(f"/forms/{vital_signs.pk}/"))
    assert "Open for a correction since" in page
    assert "locked again as soon as the correction is signed" in page


def test_a_frozen_form_that_was_opened_is_listed_as_open_with_who_and_why(
    vital_signs: FormRecord, data_manager: User
) -> None:
    manager = browser(data_manager)
    locking.freeze(target=vital_signs, by=data_manager, reason="Interim analysis")
    assert "Day 1 Frozen" in words(manager.get("/locks/"))
    locking.open_for_correction(record=vital_signs, by=data_manager, reason="Source shows 37.4")
    listed = words(manager.get("/locks/")).split("Frozen or locked now")[1]
    assert "Day 1 Open for correction" in listed
    assert "Data Manager Person Source shows 37.4" in listed
    assert "Interim analysis" not in listed
    assert "Frozen" not in listed
