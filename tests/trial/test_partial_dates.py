from datetime import date

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from trial.partial_dates import NotADate, earliest, latest, parse, show

full = st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat)
partial = st.one_of(full, full.map(lambda day: day[:7]), full.map(lambda day: day[:4]))

TYPED = {
    "3 jan 24": "2024-01-03",
    "03-Jan-2024": "2024-01-03",
    "3/1/2024": "2024-01-03",
    "3.1.24": "2024-01-03",
    "2024-1-3": "2024-01-03",
    "03jan2024": "2024-01-03",
    "3JAN24": "2024-01-03",
    "3.1.2024": "2024-01-03",
    "3 1 2024": "2024-01-03",
    "3 Jan. 2024": "2024-01-03",
    "2024/01/03": "2024-01-03",
    "31/12/99": "2099-12-31",
    "29 february 2024": "2024-02-29",
    "30 Sept 2021": "2021-09-30",
    "jan 2024": "2024-01",
    "UN-Jan-2024": "2024-01",
    "unk jan 2024": "2024-01",
    "UN-UN-2024": "2024",
    "un/1/2024": "2024-01",
    "unjan2024": "2024-01",
    "1/2024": "2024-01",
    "unun2024": "2024",
    "3-UN-2024": "2024",
    "2024-02": "2024-02",
    " 2024 ": "2024",
}


@pytest.mark.requirement("DE-02")
@pytest.mark.parametrize(("typed", "kept"), TYPED.items())
def test_a_date_is_read_as_people_type_it(typed: str, kept: str) -> None:
    assert parse(typed) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "is not a date"),
        ("yesterday", "is not a date"),
        ("30 feb 2024", "does not exist"),
        ("29/02/2023", "does not exist"),
        ("1/13/2024", "no such month"),
        ("3 foo 2024", "no month"),
        ("1.1.1899", "outside 1900 to 2100"),
        ("2101", "outside 1900 to 2100"),
        ("0", "is not a date"),
        ("2024-01-03T10:00", "is not a date"),
        ("03012024", "is not a date"),
        ("24 1 3", "is not a date"),
        ("jan", "is not a date"),
    ],
)
def test_what_is_no_date_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(NotADate, match=sentence):
        parse(typed)


@pytest.mark.parametrize("typed", ["2024", "jan 2024", "UN-Jan-2024", "3-UN-2024"])
def test_a_full_date_is_asked_for_where_statistics_need_it(typed: str) -> None:
    with pytest.raises(NotADate, match="not a full date"):
        parse(typed, partial=False)
    assert parse("3 jan 2024", partial=False) == "2024-01-03"


@given(partial)
def test_what_is_shown_can_be_typed_again(value: str) -> None:
    assert parse(show(value)) == value
    assert parse(value) == value


@given(partial)
def test_the_earliest_day_is_not_after_the_latest(value: str) -> None:
    first, last = earliest(value), latest(value)
    assert first <= last
    assert (first == last) == (len(value) == 10)
    assert first.isoformat().startswith(value)
    assert last.isoformat().startswith(value)


@given(st.text(max_size=14))
def test_any_text_is_a_date_or_refused_as_none(text: str) -> None:
    try:
        kept = parse(text)
    except NotADate:
        return
    assert earliest(kept).year >= 1900


def test_nothing_is_shown_for_no_date() -> None:
    assert (show(None), show(""), show(date(2024, 1, 3))) == ("", "", "03-Jan-2024")


@pytest.mark.django_db
def test_postgresql_means_the_same_days() -> None:
    months = [f"{year}-{month:02d}" for year in (1900, 1999, 2000, 2023, 2024, 2100) for month in range(1, 13)]
    days = [f"{month}-{day:02d}" for month in months for day in (1, 15, 28)] + ["2024-02-29", "2000-02-29"]
    values = [*(str(year) for year in range(1900, 2101)), *months, *days]
    with connection.cursor() as cursor:
        cursor.execute("SELECT v, cradle_earliest_day(v), cradle_latest_day(v) FROM unnest(%s::text[]) v", [values])
        found = cursor.fetchall()
    assert found == [(value, earliest(value), latest(value)) for value in values]
