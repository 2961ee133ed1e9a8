"""What a thread tells, worked out by hand: day 0 is 01-Jan-2024, 12:00 UTC."""

from datetime import UTC, datetime, timedelta

import pytest

from trial.query_thread import Said, Times, firings, live_periods, span, stands, times
from trial.query_value import CheckValue

START = datetime(2024, 1, 1, 12, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def thread(*entries: tuple[str, float] | tuple[str, float, str]) -> list[Said]:
    """(step, day) by a person, (step, day, code) by *system*."""
    return [Said(entry[0], day(entry[1]), len(entry) == 3, entry[2] if len(entry) == 3 else "") for entry in entries]


CORRECTED = thread(("open", 0, ""), ("answer", 2), ("close", 3, "gone"))
CONFIRMED = thread(("open", 0, ""), ("answer", 4), ("close", 6))


@pytest.mark.parametrize(
    ("entries", "outcomes"),
    [
        (CORRECTED, ["changed"]),
        (CONFIRMED, ["confirmed"]),
        (thread(("open", 0, "")), ["open"]),
        (thread(("confirm", 0)), ["confirmed"]),
        (thread(("open", 0, ""), ("ask again", 1, ""), ("close", 2)), ["changed", "confirmed"]),
        (thread(("open", 0, ""), ("close", 1), ("re-open", 2)), ["open"]),
        (thread(("open", 0, ""), ("close", 1), ("re-open", 2), ("close", 3, "gone")), ["changed"]),
        (thread(("open", 0, ""), ("close", 1, "gone"), ("re-open", 2, "")), ["changed", "open"]),
        (thread(("open", 0, ""), ("close", 1, "deleted")), ["otherwise"]),
        (thread(("open", 0, ""), ("close", 1, "retired")), ["otherwise"]),
        (thread(("open", 0, ""), ("cancel", 1)), ["otherwise"]),
    ],
)
def test_each_firing_has_its_outcome(entries: list[Said], outcomes: list[str]) -> None:
    assert [str(firing.outcome) for firing in firings(entries)] == outcomes


def test_days_are_medians_and_a_number_that_cannot_be_given_is_none() -> None:
    value = CheckValue("VS-01", "Systolic is not above diastolic.")
    assert (value.days_to_answer, value.days_to_close, value.changed_share) == (None, None, None)
    for entries in (CORRECTED, CONFIRMED, thread(("confirm", 0)), thread(("open", 0, ""))):
        for firing in firings(entries):
            value.add(firing)
    assert (value.fired, value.queries, value.changed, value.confirmed, value.open) == (4, 3, 1, 2, 1)
    assert (value.days_to_answer, value.days_to_close) == (3, 4.5)  # of 2 and 4; of 3 and 6; in place counts as neither
    assert value.changed_share == pytest.approx(1 / 3)


@pytest.mark.parametrize(("settled", "pointed_out"), [(9, False), (10, True)])
def test_a_check_is_pointed_out_from_ten_that_changed_nothing(settled: int, pointed_out: bool) -> None:
    value = CheckValue("VS-01", "")
    for _ in range(settled):
        value.add(firings(CONFIRMED)[0])
    assert value.never_changed is pointed_out
    value.add(firings(CORRECTED)[0])
    assert not value.never_changed


def test_a_query_lives_from_each_asking_to_its_closing() -> None:
    entries = thread(("open", 0), ("answer", 1), ("close", 2), ("re-open", 5), ("answer", 6))
    assert live_periods(entries) == [(day(0), day(2)), (day(5), None)]
    assert live_periods(CONFIRMED) == [(day(0), day(6))]


def test_times_are_counted_from_the_first_asking() -> None:
    spent = times(CONFIRMED, opened_at=day(0), closed_at=day(6), now=day(30))
    assert spent == Times(timedelta(6), timedelta(4), timedelta(6))
    still = times(thread(("open", 0)), opened_at=day(0), closed_at=None, now=day(30))
    assert still == Times(timedelta(30), None, None)


@pytest.mark.parametrize(
    ("entries", "stand"), [([], False), (CORRECTED, False), (CONFIRMED, True), (thread(("open", 0, "")), True)]
)
def test_a_finding_stands_while_asked_about_or_confirmed(entries: list[Said], stand: bool) -> None:
    assert stands(entries) is stand


@pytest.mark.parametrize(("hours", "words"), [(0.5, "under 1 h"), (5, "5 h"), (47, "47 h"), (49, "2 days")])
def test_spans_are_said_in_hours_and_days(hours: float, words: str) -> None:
    assert span(timedelta(hours=hours)) == words
