"""Who may sign what in which state, through page and API, and the sentence that each refusal shows.

Rows are states of a form, columns are people. `yes`: signed. A letter: refused, with the sentence of that letter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.people import PASSWORD, make_user
from tests.trial.pages import browser, words
from tests.trial.signing import delegation, enter_vital_signs, sign, sub_investigator
from trial import actions, signatures
from trial.actions.locks import freeze
from trial.history import history
from trial.models import Delegation, FormRecord, Signature, Site, Subject, User

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("ES-06")]

TABLE = """
state        investigator deputy expired undelegated coordinator monitor data-manager trial-manager inspector elsewhere
complete     yes          yes    E       U           SC          MON     DM           TM            INS       404
frozen       yes          yes    E       U           SC          MON     DM           TM            INS       404
queried      yes          yes    E       U           SC          MON     DM           TM            INS       404
signed       A            yes    E       U           SC          MON     DM           TM            INS       404
void         yes          yes    E       U           SC          MON     DM           TM            INS       404
changed      C            C      E       U           SC          MON     DM           TM            INS       404
started      I            I      E       U           SC          MON     DM           TM            INS       404
locked       L            L      E       U           SC          MON     DM           TM            INS       404
deleted      D            D      E       U           SC          MON     DM           TM            INS       404
password     P            P      E       U           SC          MON     DM           TM            INS       404
"""
FORM = "Vital signs (Day 1)"
NOT_HERE = "Your role ({}) may not sign here."
SENTENCES = {
    "A": (409, "You have signed this already, and nothing has changed since."),
    "C": (409, f"{FORM} was changed after you opened this page. Look at it again, then sign."),
    "I": (409, f"Not complete yet: {FORM}. Enter what is missing, or why it is missing; then sign."),
    "L": (409, f"Locked: {FORM}. A locked form is not signed anew; ask a data manager to unlock it."),
    "D": (409, f"{FORM} was deleted; a deleted form is not signed."),
    "E": (403, "The delegation of signing to you ended on {yesterday}. Ask the investigator of NL01 to delegate it."),
    "U": (403, "Signing has not been delegated to you. Ask the investigator of NL01 to delegate it."),
    "P": (403, "Somebody else has set your password. Set one that only you know, then sign."),
    "SC": (403, NOT_HERE.format("Site coordinator")),
    "MON": (403, NOT_HERE.format("Monitor")),
    "DM": (403, NOT_HERE.format("Data manager")),
    "TM": (403, NOT_HERE.format("Trial manager")),
    "INS": (403, NOT_HERE.format("Inspector")),
}


@dataclass
class Place:
    """shown: the version that all have seen."""

    site: Site
    subject: Subject
    people: dict[str, User]
    record: FormRecord
    shown: int = 1


@pytest.fixture(autouse=True)
def quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def place(
    nl01: Site, it02: Site, subject: Subject, coordinator: User, investigator: User, monitor: User, data_manager: User
) -> Place:
    today = signatures.today_at(nl01)
    names = ("deputy", "expired", "undelegated")
    people = {name: sub_investigator(nl01, name) for name in names}
    people |= {"investigator": investigator, "coordinator": coordinator, "monitor": monitor}
    people |= {"data-manager": data_manager, "elsewhere": make_user("investigator", it02, "elsewhere")}
    people |= {role: make_user(role) for role in ("trial-manager", "inspector")}
    delegation(people["deputy"], nl01, investigator, today, today)
    delegation(people["expired"], nl01, investigator, today - timedelta(days=9), today - timedelta(days=1))
    return Place(nl01, subject, people, enter_vital_signs(subject, "day_1", coordinator))


def correct(place: Place) -> None:
    actions.save_form(record=place.record, values={"temp": "38"}, by=place.people["coordinator"], reason="Entry error")


def void(place: Place) -> None:
    sign(place.record, place.people["investigator"])
    correct(place)
    place.shown = 2


def started(place: Place) -> None:
    actions.save_form(record=place.record, values={"temp": None}, by=place.people["coordinator"], reason="Entry error")
    place.shown = 2


def deleted(place: Place) -> None:
    actions.delete_form(record=place.record, by=place.people["coordinator"], reason="Wrong child")
    place.shown = 2


def password_of_another(place: Place) -> None:
    with history(by=User.objects.system(), role="system"):
        User.objects.update(must_set_password=True)


STATES: dict[str, Callable[[Place], Any]] = {
    "complete": lambda place: None,
    "frozen": lambda place: freeze(target=place.record, by=place.people["data-manager"], reason="Interim analysis"),
    "queried": lambda place: actions.open_query(
        target=place.record, text="Please check this.", by=place.people["data-manager"]
    ),
    "signed": lambda place: sign(place.record, place.people["investigator"]),
    "void": void,
    "changed": correct,
    "started": started,
    "locked": lambda place: actions.lock(
        target=place.record, by=place.people["data-manager"], reason="Interim analysis"
    ),
    "deleted": deleted,
    "password": password_of_another,
}


def rows() -> list[tuple[str, dict[str, str]]]:
    head, *lines = [line.split() for line in TABLE.strip().splitlines()]
    return [(line[0], dict(zip(head[1:], line[1:], strict=True))) for line in lines]


def by_page(place: Place, person: User, password: str = PASSWORD) -> tuple[int, str]:
    typed = {
        "password": password,
        "meaning": "approval",
        "acknowledged": "on",
        "shown": f"{place.record.pk}:{place.shown}",
    }
    answer = browser(person).post(f"/forms/{place.record.pk}/sign/", typed)
    return answer.status_code, words(answer)


def by_api(place: Place, person: User, password: str = PASSWORD) -> tuple[int, str]:
    answer = browser(person).post(
        f"/api/v1/forms/vital_signs/{place.record.pk}/sign/",
        {"password": password, "acknowledged": True},
        content_type="application/json",
        headers={"If-Match": str(place.shown)},
    )
    return answer.status_code, answer.json().get("detail", "")


@pytest.mark.parametrize(("state", "expected"), rows(), ids=[state for state, _ in rows()])
def test_each_person_signs_or_is_told_why_not(state: str, expected: dict[str, str], place: Place) -> None:
    STATES[state](place)
    before = Signature.objects.count()
    for person, outcome in expected.items():
        for door, done in ((by_page, 302), (by_api, 201)):
            with transaction.atomic():
                status, said = door(place, place.people[person])
                made = Signature.objects.count() - before
                transaction.set_rollback(True)
            wanted, sentence = (done, "") if outcome == "yes" else (404, "") if outcome == "404" else SENTENCES[outcome]
            sentence = sentence.format(yesterday=f"{signatures.today_at(place.site) - timedelta(days=1):%d-%b-%Y}")
            assert (status, made) == (wanted, int(outcome == "yes")), (person, door.__name__, said)
            assert sentence in said, (person, door.__name__)


@pytest.mark.parametrize("door", [by_page, by_api])
def test_a_wrong_password_is_refused_with_its_sentence(
    door: Callable[[Place, User, str], tuple[int, str]], place: Place
) -> None:
    status, said = door(place, place.people["investigator"], "not my password")
    assert status == 403
    assert "This is not your password; nothing was signed. Type it again." in said


DELEGATES = {
    "investigator": 302, "deputy": 403, "coordinator": 403, "monitor": 403, "data-manager": 403, "trial-manager": 403,
    "inspector": 403, "elsewhere": 404,
}  # fmt: skip


@pytest.mark.parametrize("person", DELEGATES)
def test_each_person_delegates_or_is_told_why_not(person: str, place: Place) -> None:
    client, today = browser(place.people[person]), signatures.today_at(place.site)
    given = {"user": place.people["undelegated"].pk, "starts_on": today.isoformat(), "ends_on": ""}
    answer = client.post("/sites/NL01/delegations/", given)
    ending = Delegation.objects.get(user=place.people["deputy"])
    ended = client.post(f"/delegations/{ending.pk}/end/", {"on": today.isoformat(), "reason": "Moved away"})
    assert (answer.status_code, ended.status_code) == (DELEGATES[person], DELEGATES[person])
    assert Delegation.objects.filter(user=place.people["undelegated"]).exists() == (person == "investigator")
    if DELEGATES[person] == 403:
        assert "may not delegate signing here." in words(answer)
        assert "may not delegate signing here." in words(ended)
