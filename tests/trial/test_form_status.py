"""The status of a form: a truth table."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.form_status import BINDING, URGENCY, WORDS, Marks, Shown, Status, of_form, of_missing, of_several
from trial.lifecycle import RecordState
from trial.visit_schedule import UNKNOWN, Planned

STARTED = {"state": RecordState.IN_PROGRESS}
OPEN, ANSWERED = {"query": "open"}, {"query": "answered"}
VERIFIED, SIGNED, VOID = {"verified": True}, {"signed": True}, {"signature_void": True}
FROZEN, LOCKED = {"frozen": True}, {"locked": True}
ALL = VERIFIED | SIGNED | FROZEN | LOCKED | OPEN


@pytest.mark.parametrize(
    ("marks", "status", "second", "word"),
    [
        ({}, "complete", "", "Complete"),
        (STARTED, "in_progress", "", "Started"),
        (OPEN, "query_open", "", "Query open"),
        (ANSWERED, "query_answered", "", "Query answered"),
        (OPEN | STARTED, "query_open", "in_progress", "Query open; started"),
        (VERIFIED, "verified", "", "Verified"),
        (VERIFIED | OPEN, "query_open", "verified", "Query open; verified"),
        (SIGNED, "signed", "", "Signed"),
        (SIGNED | VERIFIED, "signed", "verified", "Signed; verified"),
        (SIGNED | ANSWERED, "signed", "query_answered", "Signed; query answered"),
        (SIGNED | VERIFIED | OPEN, "signed", "query_open", "Signed; query open; verified"),
        (SIGNED | VOID, "signed", "", "Signed"),
        (VOID, "signature_void", "", "Signature void"),
        (VOID | OPEN, "signature_void", "query_open", "Signature void; query open"),
        (VOID | VERIFIED, "signature_void", "verified", "Signature void; verified"),
        (FROZEN, "frozen", "", "Frozen"),
        (FROZEN | SIGNED, "frozen", "signed", "Frozen; signed"),
        (FROZEN | SIGNED | OPEN, "frozen", "query_open", "Frozen; signed; query open"),
        (LOCKED, "locked", "", "Locked"),
        (LOCKED | VOID, "locked", "signature_void", "Locked; signature void"),
        (LOCKED | FROZEN | SIGNED, "locked", "frozen", "Locked; frozen; signed"),
        (ALL, "locked", "query_open", "Locked; frozen; signed; query open; verified"),
    ],
)
def test_what_binds_most_comes_first(marks: dict[str, object], status: str, second: str, word: str) -> None:
    assert of_form(Marks(**marks)) == Shown(Status(status), word, second)


def test_ages_and_names_are_said() -> None:
    marks = Marks(signed=True, signed_word="Signed A. Doe, investigator, 03-Jan-2024", query="open", query_days=3)
    assert of_form(marks).word == "Signed A. Doe, investigator, 03-Jan-2024; query open, 3 days"
    assert of_form(Marks(query="answered", query_days=0)).word == "Query answered, today"


WINDOW = Planned(date(2024, 1, 10), date(2024, 1, 9), date(2024, 1, 11))


@pytest.mark.parametrize(
    ("planned", "day", "query", "shown"),
    [
        (UNKNOWN, 10, "", Shown(Status.NOT_DUE, "Not due: no date yet")),
        (WINDOW, 8, "", Shown(Status.NOT_DUE, "Not due before 09-Jan-2024")),
        (WINDOW, 9, "", Shown(Status.DUE, "Due until 11-Jan-2024")),
        (WINDOW, 11, "", Shown(Status.DUE, "Due until 11-Jan-2024")),
        (WINDOW, 12, "", Shown(Status.OVERDUE, "Overdue 1 day")),
        (WINDOW, 16, "", Shown(Status.OVERDUE, "Overdue 5 days")),
        (WINDOW, 12, "open", Shown(Status.OVERDUE, "Overdue 1 day; query open", Status.QUERY_OPEN)),
        (WINDOW, 9, "answered", Shown(Status.DUE, "Due until 11-Jan-2024; query answered", Status.QUERY_ANSWERED)),
    ],
)
def test_a_form_that_is_not_there_is_due_by_its_window(planned: Planned, day: int, query: str, shown: Shown) -> None:
    assert of_missing(planned, date(2024, 1, day), query) == shown


def form(**marks: object) -> Shown:
    return of_form(Marks(**marks))


LATE = of_missing(WINDOW, date(2024, 1, 16))


@pytest.mark.parametrize(
    ("forms", "status", "word"),
    [
        ([form(), form()], "complete", "2 complete"),
        ([form(), LATE, form()], "overdue", "1 overdue, 2 complete"),
        ([form(**SIGNED, **OPEN), form(**SIGNED)], "query_open", "1 query open, 1 signed"),
        ([form(**LOCKED, **VOID), LATE], "signature_void", "1 signature void, 1 overdue"),
        ([form(**LOCKED), form(**FROZEN), form(**SIGNED)], "signed", "1 signed, 1 frozen, 1 locked"),
        ([LATE], "overdue", "Overdue 5 days"),
    ],
)
def test_several_forms_show_what_needs_a_person_soonest(forms: list[Shown], status: str, word: str) -> None:
    assert of_several(forms) == Shown(Status(status), word)


def test_no_form_shows_nothing() -> None:
    assert of_several([]) is None


def test_every_status_has_a_word_and_a_place() -> None:
    assert set(WORDS) == set(Status) == set(URGENCY)
    assert set(BINDING) == set(Status) - {Status.NOT_DUE, Status.DUE, Status.OVERDUE}


@given(
    st.builds(
        Marks,
        state=st.sampled_from(list(RecordState)),
        query=st.sampled_from(["", "open", "answered"]),
        **dict.fromkeys(("verified", "signed", "signature_void", "frozen", "locked"), st.booleans()),
    )
)
def test_nothing_that_waits_is_hidden(marks: Marks) -> None:
    shown = of_form(marks)
    waits = {"query_open": marks.query == "open", "query_answered": marks.query == "answered"}
    waits["signature_void"] = marks.signature_void and not marks.signed
    if any(waits.values()):
        assert any(waits.get(status) for status in (shown.status, shown.second))
    assert shown.status != shown.second
