"""Wall clocks of the trial's sites, on both sides of the equator."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial import moments

AMSTERDAM, SYDNEY = "Europe/Amsterdam", "Australia/Sydney"
wall_clock = datetime.fromisoformat


@pytest.mark.requirement("VA-01")
@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        (wall_clock("2024-01-03 14:05"), AMSTERDAM, datetime(2024, 1, 3, 13, 5, tzinfo=UTC)),
        (wall_clock("2024-07-03 14:05"), AMSTERDAM, datetime(2024, 7, 3, 12, 5, tzinfo=UTC)),
        (wall_clock("2024-01-03 09:00"), SYDNEY, datetime(2024, 1, 2, 22, 0, tzinfo=UTC)),
        (wall_clock("2024-07-03 09:00"), SYDNEY, datetime(2024, 7, 2, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_wall_clock_time_is_kept_as_utc(wall: datetime, zone: str, utc: datetime) -> None:
    assert moments.to_utc(wall, zone) == utc
    assert moments.to_wall(utc, zone) == wall


@pytest.mark.parametrize(
    ("first", "last", "zone"),
    [
        (wall_clock("2024-03-31 02:00"), wall_clock("2024-03-31 02:59"), AMSTERDAM),
        (wall_clock("2024-10-06 02:00"), wall_clock("2024-10-06 02:59"), SYDNEY),
    ],
)
def test_the_skipped_hour_is_asked_about(first: datetime, last: datetime, zone: str) -> None:
    for wall in (first, last):
        with pytest.raises(moments.ImpossibleTime, match=f"does not exist in {zone}"):
            moments.to_utc(wall, zone)
    before, after = first - timedelta(minutes=1), last + timedelta(minutes=1)
    assert moments.to_utc(after, zone) - moments.to_utc(before, zone) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("first", "last", "zone"),
    [
        (wall_clock("2024-10-27 02:00"), wall_clock("2024-10-27 02:59"), AMSTERDAM),
        (wall_clock("2024-04-07 02:00"), wall_clock("2024-04-07 02:59"), SYDNEY),
    ],
)
def test_the_doubled_hour_is_known_and_taken_as_its_first_passing(first: datetime, last: datetime, zone: str) -> None:
    assert moments.is_doubled(first, zone)
    assert moments.is_doubled(last, zone)
    assert not moments.is_doubled(first - timedelta(minutes=1), zone)
    assert not moments.is_doubled(last + timedelta(minutes=1), zone)
    after = last + timedelta(minutes=1)
    assert moments.to_utc(after, zone) - moments.to_utc(last, zone) == timedelta(minutes=61)


@pytest.mark.parametrize(
    ("zone", "change"), [(AMSTERDAM, wall_clock("2024-03-31")), (SYDNEY, wall_clock("2024-10-06"))]
)
def test_a_day_of_the_clock_change_lasts_23_hours(zone: str, change: datetime) -> None:
    elapsed = moments.to_utc(change + timedelta(days=1), zone) - moments.to_utc(change, zone)
    assert elapsed == timedelta(hours=23)


@given(st.datetimes(wall_clock("1990-01-01"), wall_clock("2060-01-01")), st.sampled_from([AMSTERDAM, SYDNEY, "UTC"]))
def test_every_moment_comes_back_from_its_wall_clock(naive: datetime, zone: str) -> None:
    moment = naive.replace(tzinfo=UTC)
    wall = moments.to_wall(moment, zone)
    assert abs(moments.to_utc(wall.replace(fold=0), zone) - moment) in {timedelta(0), timedelta(hours=1)}
    assert moments.to_utc(wall, zone) == moment


def test_a_moment_is_shown_with_its_zone() -> None:
    assert moments.show(datetime(2024, 1, 3, 13, 2, tzinfo=UTC), AMSTERDAM) == "03-Jan-2024 14:02 (Europe/Amsterdam)"


@pytest.mark.requirement("VA-01")
@pytest.mark.parametrize(
    ("wall", "zone", "said"),
    [
        (wall_clock("2024-10-27 02:30"), AMSTERDAM, ("the first time (UTC+02:00)", "the second time (UTC+01:00)")),
        (wall_clock("2024-04-07 02:30"), SYDNEY, ("the first time (UTC+11:00)", "the second time (UTC+10:00)")),
        (
            wall_clock("2024-11-03 01:30"),
            "America/St_Johns",
            ("the first time (UTC-02:30)", "the second time (UTC-03:30)"),
        ),
    ],
)
def test_the_two_passings_of_a_doubled_time_are_named(wall: datetime, zone: str, said: tuple[str, str]) -> None:
    assert moments.passings_in_words(wall, zone) == said
    assert moments.passing(wall, zone, 2) - moments.passing(wall, zone, 1).astimezone(UTC) == timedelta(hours=1)


@pytest.mark.parametrize("number", [0, 3])
def test_a_time_passes_twice_at_most(number: int) -> None:
    with pytest.raises(ValueError, match="once or twice"):
        moments.passing(wall_clock("2024-10-27 02:30"), AMSTERDAM, number)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Amsterdam", "03-Jan-2024 00:30 (Europe/Amsterdam), 02-Jan-2024 23:30 UTC"),
        ("Europe/London", "02-Jan-2024 23:30 (Europe/London), 23:30 UTC"),
        ("UTC", "02-Jan-2024 23:30 UTC"),
    ],
)
def test_a_moment_is_told_by_both_clocks(zone: str, said: str) -> None:
    assert moments.both(datetime(2024, 1, 2, 23, 30, tzinfo=UTC), zone) == said
