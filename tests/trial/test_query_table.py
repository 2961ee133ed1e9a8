"""Who may do what with a query, in which state, by page and by API: the same table, the same sentences (DE-04).

Each step that is taken leaves one entry in the thread, with its actor and moment; a refused one leaves none (AT-10).
"""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.people import VITAL_SIGNS, make_user
from tests.trial.pages import browser, words
from trial import actions
from trial.models import FormRecord, Query, Site, Subject, User

pytestmark = pytest.mark.django_db
STEPS = ("answer", "close", "reopen", "cancel")
SENTENCES = {
    "A": (403, "may not answer queries here"),
    "R": (403, "does not close this query: it was raised as Monitor. Whoever is Monitor here closes it"),
    "K": (403, "does not close this query: a check asked it. It closes by itself once its finding is gone"),
    "C": (403, "Only the person who raised this query, or a data manager, cancels it."),
    "X": (403, "A check asked this query, so it is not cancelled"),
    "S": (409, "Reload the page to see what happened to it."),
}
# yes: done. A letter: refused, with that sentence. The asker is a monitor; "monitor-2" another one of the same site.
MANUAL = """
                  open               answered           closed             cancelled
                  ans cls reo can    ans cls reo can    ans cls reo can    ans cls reo can
asker             A   yes S   yes    A   yes yes yes    A   S   yes S      A   S   S   S
monitor-2         A   yes S   C      A   yes yes C      A   S   yes C      A   S   S   C
data-manager      A   yes S   yes    A   yes yes yes    A   S   yes S      A   S   S   S
site-coordinator  yes R   R   C      S   R   R   C      S   R   R   C      S   R   R   C
investigator      yes R   R   C      S   R   R   C      S   R   R   C      S   R   R   C
sub-investigator  yes R   R   C      S   R   R   C      S   R   R   C      S   R   R   C
safety-officer    A   R   R   C      A   R   R   C      A   R   R   C      A   R   R   C
trial-manager     A   R   R   C      A   R   R   C      A   R   R   C      A   R   R   C
inspector         A   R   R   C      A   R   R   C      A   R   R   C      A   R   R   C
"""
OF_A_CHECK = """
                  open               answered           closed
                  ans cls reo can    ans cls reo can    ans cls reo can
asker             A   K   K   X      A   K   K   X      A   K   K   X
data-manager      A   yes S   X      A   yes yes X      A   S   yes X
site-coordinator  yes K   K   X      S   K   K   X      S   K   K   X
investigator      yes K   K   X      S   K   K   X      S   K   K   X
trial-manager     A   K   K   X      A   K   K   X      A   K   K   X
inspector         A   K   K   X      A   K   K   X      A   K   K   X
"""


def cells(table: str, state: str) -> dict[tuple[str, str], str]:
    """(person, step) -> cell of one state."""
    lines = [line.split() for line in table.splitlines() if line.strip()]
    first = lines[0].index(state) * len(STEPS) + 1
    return {(line[0], step): line[first + number] for line in lines[2:] for number, step in enumerate(STEPS)}


@pytest.fixture
def people(nl01: Site, coordinator: User, monitor: User, data_manager: User) -> dict[str, User]:
    made = {"asker": monitor, "data-manager": data_manager, "site-coordinator": coordinator}
    made["monitor-2"] = make_user("monitor", nl01, "monitor-2")
    others = ("investigator", "sub-investigator", "safety-officer", "trial-manager", "inspector")
    return made | {role: make_user(role, nl01) for role in others}


def bring(query: Query, state: str, people: dict[str, User]) -> Query:
    manager = people["data-manager"]
    if state == "answered":
        actions.answer_query(query=query, by=people["site-coordinator"], text="Read twice", reply="confirmed")
    elif state == "closed":
        actions.close_query(query=query, by=manager, text="Seen in the chart")
    elif state == "cancelled":
        actions.cancel_query(query=query, by=manager, text="Asked about the wrong child")
    return Query.objects.get(pk=query.pk)


def ask_page(client: Client, query: Query, step: str) -> tuple[int, str]:
    answer = client.post(f"/queries/{query.pk}/{step}/", {"text": "Look at the chart"})
    return answer.status_code, words(answer)


def ask_api(client: Client, query: Query, step: str) -> tuple[int, str]:
    url = f"/api/v1/queries/{query.pk}/{step}/"
    answer: Any = client.post(url, {"text": "Look at the chart"}, content_type="application/json")
    return answer.status_code, answer.json().get("detail", "")


def check_table(table: str, query: Query, people: dict[str, User]) -> None:
    before = query.messages.count()
    for (person, step), cell in cells(table, query.state).items():
        client = browser(people[person])
        for ask, done in ((ask_page, 302), (ask_api, 200)):
            with transaction.atomic():
                status, said = ask(client, query, step)
                stepped = query.messages.count() - before
                transaction.set_rollback(True)
            wanted, sentence = (done, "") if cell == "yes" else SENTENCES[cell]
            assert (status, stepped) == (wanted, int(cell == "yes")), f"{person}, {step}, {ask.__name__}: {said}"
            assert sentence in said, f"{person}, {step}, {ask.__name__}"


@pytest.mark.requirement("AT-10")
@pytest.mark.requirement("DE-04")
@pytest.mark.parametrize("state", ["open", "answered", "closed", "cancelled"])
def test_a_query_of_a_person(state: str, vital_signs: FormRecord, people: dict[str, User]) -> None:
    query = actions.open_query(target=vital_signs, item="temp", text="Source says 37.4", by=people["asker"])
    check_table(MANUAL, bring(query, state, people), people)


@pytest.mark.requirement("AT-10")
@pytest.mark.requirement("DE-04")
@pytest.mark.parametrize("state", ["open", "answered", "closed"])
def test_a_query_of_a_check(state: str, subject: Subject, people: dict[str, User]) -> None:
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    actions.save_form(record=record, values={**VITAL_SIGNS, "sysbp": 50}, by=people["site-coordinator"])
    check_table(OF_A_CHECK, bring(Query.objects.get(), state, people), people)
