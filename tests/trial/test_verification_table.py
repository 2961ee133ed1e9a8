"""Roles x states x steps of verification and review, at the page and the API, with the sentence of each refusal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.trial.refusals import outcomes, people, rows
from trial.actions import forms
from trial.actions import locks as locking
from trial.actions import verification as marking
from trial.models import FormRecord, ReviewKind, Site, User

TABLE = """
STATE    STEP    KIND     SC   INV  MON    DM     SO     TM   INS
open     mark    sdv      role role done   role   role   role role
open     unmark  sdv      role role done   role   role   role role
open     mark    data     role role role   done   role   role role
open     mark    medical  role role role   role   done   role role
marked   mark    sdv      role role twice  role   role   role role
unmarked unmark  sdv      role role none   role   role   role role
frozen   mark    sdv      role role done   role   role   role role
frozen   unmark  sdv      role role done   role   role   role role
frozen   mark    data     role role role   done   role   role role
locked   mark    sdv      role role locked role   role   role role
locked   unmark  sdv      role role locked role   role   role role
locked   mark    data     role role role   locked role   role role
locked   mark    medical  role role role   role   locked role role
changed  mark    sdv      role role stale  role   role   role role
changed  mark    data     role role role   stale  role   role role
deleted  mark    sdv      role role gone   role   role   role role
deleted  unmark  sdv      role role gone   role   role   role role
"""
OUTCOMES: dict[str, Any] = {
    "done": ({200, 201, 302}, ""),
    "role": ({403}, "may not "),
    "twice": ({409}, "All of this is verified already. Reload the page."),
    "none": ({409}, "Nothing of this is verified. Reload the page."),
    "locked": ({423}, "on this form: it is locked since"),
    "stale": ({409}, "after you opened it (version 2; you saw 1). Nothing was"),
    "gone": ({409}, "This form was deleted; there is nothing to verify or review."),
}
ITEMS = ["hr"]


def prepare(state: str, record: FormRecord, everybody: dict[str, User]) -> None:
    """Bring the form into this state; what is to be taken away is there already."""
    manager, coordinator = everybody["data-manager"], everybody["site-coordinator"]
    if state != "unmarked":
        other = ["temp"] if state != "marked" else ITEMS
        for items in ([*other], ["weight"]):
            marking.mark(record=record, kind=ReviewKind.SDV, items=items, by=everybody["monitor"], expected_version=1)
    if state == "frozen":
        locking.freeze(target=record.subject, by=manager, reason="Interim analysis")
    elif state == "locked":
        locking.lock(target=record.subject, by=manager, reason="Interim analysis")
    elif state == "changed":
        forms.save_form(record=record, values={"temp": "37.4"}, by=coordinator, reason="Entry error")
    elif state == "deleted":
        forms.delete_form(record=record, by=coordinator, reason="Wrong child")


def doors(record: FormRecord, step: str, kind: str) -> dict[str, Callable[[Client], Any]]:
    items = ITEMS if step == "mark" else ["weight"]
    sent = {"step": step, "kind": kind, "items": items, "version": "1", "reason": "Wrong page of the source"}
    url = "/api/v1/reviews/" if step == "mark" else "/api/v1/reviews/take-away/"
    headers = {"If-Match": "1", "X-Reason": "Wrong page of the source"}
    body = {"record": record.pk, "kind": kind, "items": items}
    return {
        "page": lambda client: client.post(f"/forms/{record.pk}/verify/", sent),
        "API": lambda client: client.post(url, body, content_type="application/json", headers=headers),
    }


@pytest.mark.requirement("DE-05")
@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
@pytest.mark.parametrize("state", sorted({words[0] for words, _ in rows(TABLE)}))
def test_each_role_meets_what_the_table_says(
    state: str, vital_signs: FormRecord, nl01: Site, coordinator: User
) -> None:
    everybody = people(nl01, {"site-coordinator": coordinator})
    prepare(state, vital_signs, everybody)
    for (of_state, step, kind), expected in rows(TABLE):
        if of_state == state:
            for name, door in doors(vital_signs, step, kind).items():
                assert outcomes(everybody, door, expected, OUTCOMES) == expected, (name, step, kind)
