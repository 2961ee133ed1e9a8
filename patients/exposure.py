"""Exposure to blinatumomab: the course as segments of one dose each, and what they add up to.

Durations are elapsed time: moments must carry a time zone, and a clock change in between neither adds nor
takes an hour. Doses are ug/m2/day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from trial.subject_data import SubjectData

FULL_DOSE_UG_M2_DAY = Decimal(15)
RESTART_DOSE_UG_M2_DAY = Decimal(5)  # after an interruption for an adverse event
PLANNED_DAYS = 28
FULL_COURSE_DAYS = 27  # infused, pauses left out
DAY = timedelta(days=1)


class ImpossibleCourse(ValueError):
    """Rows of one infusion contradict each other; the message names them."""


@dataclass(frozen=True)
class Interruption:
    """A stop of the infusion.

    restarted_at None: not restarted (yet). restart_dose None: restarted at full dose. full_dose_restored_at
    None: the restart dose went on, which is the full dose at once where the restart dose is the full dose.
    """

    stopped_at: datetime
    restarted_at: datetime | None = None
    restart_dose: Decimal | None = None
    full_dose_restored_at: datetime | None = None

    @property
    def name(self) -> str:
        return f"the interruption of {_shown(self.stopped_at)}"


@dataclass(frozen=True)
class DoseChange:
    """Another dose without a stop."""

    changed_at: datetime
    dose: Decimal

    @property
    def name(self) -> str:
        return f"the dose change of {_shown(self.changed_at)}"


@dataclass(frozen=True)
class Segment:
    """One dose from `start` to `end` (UTC); dose 0 is a pause, end None is still running."""

    start: datetime
    end: datetime | None
    dose_ug_m2_day: Decimal

    @property
    def duration(self) -> timedelta | None:
        return None if self.end is None else self.end - self.start

    @property
    def infusing(self) -> bool:
        return self.dose_ug_m2_day > 0


@dataclass(frozen=True)
class Course:
    """Contiguous segments from the first start to the stop, pauses included (dose 0), earliest first.

    Every total is None while the last segment is still running: pass `as_of` to `course` to measure so far.
    """

    segments: tuple[Segment, ...]

    @property
    def infusing(self) -> tuple[Segment, ...]:
        return tuple(segment for segment in self.segments if segment.infusing)

    @property
    def pauses(self) -> tuple[Segment, ...]:
        return tuple(segment for segment in self.segments if not segment.infusing)

    @property
    def running(self) -> bool:
        return self.segments[-1].end is None

    @property
    def delivered(self) -> timedelta | None:
        """Time infused at any dose, pauses left out."""
        return _total(self.infusing)

    @property
    def delivered_days(self) -> Decimal | None:
        return None if self.delivered is None else _days(self.delivered)

    @property
    def delivered_hours(self) -> Decimal | None:
        return None if self.delivered is None else _days(self.delivered * 24)

    @property
    def interrupted(self) -> timedelta | None:
        """All pauses together; zero when there was none."""
        return _total(self.pauses)

    @property
    def longest_interruption(self) -> timedelta | None:
        if any(pause.end is None for pause in self.pauses):
            return None
        return max((pause.duration for pause in self.pauses if pause.duration is not None), default=timedelta(0))

    @property
    def full_course(self) -> bool | None:
        """At least 27 days infused."""
        return None if self.delivered is None else self.delivered >= FULL_COURSE_DAYS * DAY

    @property
    def dose_ug_m2(self) -> Decimal | None:
        """Cumulative dose in ug/m2; times the body surface it is ug."""
        if self.running:
            return None
        dose_microseconds = sum(_microseconds(part.duration) * part.dose_ug_m2_day for part in self.segments)
        return Decimal(dose_microseconds) / _microseconds(DAY)

    @property
    def percent_of_planned(self) -> Decimal | None:
        """Cumulative dose as % of 15 ug/m2/day for 28 days."""
        dose = self.dose_ug_m2
        return None if dose is None else dose * 100 / (FULL_DOSE_UG_M2_DAY * PLANNED_DAYS)


def bsa_m2(*, weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """Body surface by Mosteller (1987), sqrt(kg x cm / 3600), to 2 decimals, half up. ValueError unless both > 0."""
    if weight_kg <= 0 or height_cm <= 0:
        raise ValueError("Weight and height must be above 0 to give a body surface.")
    return (weight_kg * height_cm / 3600).sqrt().quantize(Decimal("0.01"), ROUND_HALF_UP)


def daily_dose_ug(*, bsa: Decimal, dose_ug_m2_day: Decimal = FULL_DOSE_UG_M2_DAY) -> Decimal:
    """Dose in ug/day, not rounded. Raises ValueError for a body surface of 0 or less or a negative dose."""
    if bsa <= 0 or dose_ug_m2_day < 0:
        raise ValueError("The body surface must be above 0 and the dose not negative to give a daily dose.")
    return bsa * dose_ug_m2_day


def infusion_day(start: date, day: date) -> int:
    """Day of the infusion as a calendar day: 1 is the day of the start, -1 the day before; there is no day 0."""
    elapsed = (day - start).days
    return elapsed + 1 if elapsed >= 0 else elapsed


def course(
    starts_at: datetime,
    stops_at: datetime | None,
    interruptions: Iterable[Interruption] = (),
    dose_changes: Iterable[DoseChange] = (),
    *,
    as_of: datetime | None = None,
) -> Course:
    """The segments of one infusion that starts at the full dose.

    stops_at None: still running, or paused and not restarted; `as_of` then closes the last segment, so that
    totals so far can be read (a moment before the last change is refused).
    Raises ImpossibleCourse, naming the two rows, when moments run backwards, lie outside the infusion, coincide
    or overlap; ValueError when a moment has no time zone.
    """
    stops = sorted(interruptions, key=lambda row: _utc(row.stopped_at))
    changes = sorted(dose_changes, key=lambda row: _utc(row.changed_at))
    for stop in stops:
        _check_interruption(stop)
    for change in changes:
        _check_dose_change(change, stops)
    for earlier, later in pairwise(stops):
        _check_one_after_the_other(earlier, later)
    points = [(_utc(starts_at), FULL_DOSE_UG_M2_DAY, "the start of the infusion")]
    points += sorted(_changes_of_dose(stops, changes))
    until, until_name = (
        (as_of, "the moment to measure to") if stops_at is None else (stops_at, "the end of the infusion")
    )
    end = None if until is None else _utc(until)
    _check_order(points, end, until_name)
    return Course(tuple(_segments(points, end)))


def course_of(subject: SubjectData) -> Course | None:
    """The subject's course of blinatumomab; None before it started. Raises ImpossibleCourse."""
    infusion = subject.first("infusion")
    if not infusion or not infusion.moment("exstdtc"):
        return None
    stops = [
        Interruption(row.moment("intstdtc"), row.moment("intendtc"), row.restart_dose, row.moment("full_dtc"))
        for row in subject.rows("interruption")
        if row.moment("intstdtc")
    ]
    changes = [
        DoseChange(row.moment("dcdtc"), row.dcdose)
        for row in subject.rows("dose_change")
        if row.moment("dcdtc") and row.dcdose is not None
    ]
    return course(infusion.moment("exstdtc"), infusion.moment("exendtc"), stops, changes)


def _changes_of_dose(
    stops: Sequence[Interruption], changes: Sequence[DoseChange]
) -> Iterable[tuple[datetime, Decimal, str]]:
    for stop in stops:
        yield _utc(stop.stopped_at), Decimal(0), stop.name
        if stop.restarted_at is None:
            continue
        restarted, restored = _utc(stop.restarted_at), _utc(stop.full_dose_restored_at or stop.restarted_at)
        yield restarted, _dose_at_restart(stop), f"the restart after {stop.name}"
        if restored > restarted:
            yield restored, FULL_DOSE_UG_M2_DAY, f"the full dose after {stop.name}"
    for change in changes:
        yield _utc(change.changed_at), change.dose, change.name


def _dose_at_restart(stop: Interruption) -> Decimal:
    if stop.restart_dose is None or stop.full_dose_restored_at == stop.restarted_at:
        return FULL_DOSE_UG_M2_DAY
    return stop.restart_dose


def _segments(points: Sequence[tuple[datetime, Decimal, str]], end: datetime | None) -> Iterable[Segment]:
    ends = [moment for moment, _, _ in points[1:]] + [end]
    for (start, dose, _), until in zip(points, ends, strict=True):
        if start != until:  # a pause that begins at the very end of the infusion has no length
            yield Segment(start, until, dose)


def _check_interruption(stop: Interruption) -> None:
    if stop.restarted_at is None:
        if stop.full_dose_restored_at is not None or stop.restart_dose is not None:
            raise ImpossibleCourse(f"There is a dose after {stop.name}, but no moment of the restart.")
        return
    if _utc(stop.restarted_at) <= _utc(stop.stopped_at):
        raise ImpossibleCourse(f"The restart after {stop.name} is not later than its stop.")
    restored = _utc(stop.full_dose_restored_at or stop.restarted_at)
    if restored < _utc(stop.restarted_at):
        raise ImpossibleCourse(f"The full dose after {stop.name} was restored before its restart.")
    if restored > _utc(stop.restarted_at) and stop.restart_dose is None:
        raise ImpossibleCourse(f"The restart dose after {stop.name}, given until the full dose, is missing.")
    if stop.restart_dose is not None and stop.restart_dose <= 0:
        raise ImpossibleCourse(f"The restart dose after {stop.name} must be above 0.")


def _check_dose_change(change: DoseChange, stops: Sequence[Interruption]) -> None:
    if change.dose <= 0:
        raise ImpossibleCourse(f"The dose at {change.name} must be above 0: a stop is an interruption.")
    moment = _utc(change.changed_at)
    for stop in stops:
        restarted = None if stop.restarted_at is None else _utc(stop.restarted_at)
        if _utc(stop.stopped_at) <= moment and (restarted is None or moment <= restarted):
            raise ImpossibleCourse(f"There is no infusion to change: {change.name} lies within {stop.name}.")


def _check_one_after_the_other(earlier: Interruption, later: Interruption) -> None:
    until = earlier.full_dose_restored_at or earlier.restarted_at
    if until is None or _utc(later.stopped_at) <= _utc(until):
        raise ImpossibleCourse(f"{_capital(later.name)} begins before {earlier.name} is over: the two overlap.")


def _check_order(points: Sequence[tuple[datetime, Decimal, str]], end: datetime | None, end_name: str) -> None:
    start, _, start_name = points[0]
    for moment, _, name in points[1:]:
        if moment <= start:
            raise ImpossibleCourse(f"{_capital(name)} is not later than {start_name}.")
        if end is not None and moment > end:
            raise ImpossibleCourse(f"{_capital(name)} is later than {end_name}.")
    if end is not None and end <= start:
        raise ImpossibleCourse(f"{_capital(end_name)} is not later than {start_name}.")
    for (earlier, _, earlier_name), (later, _, later_name) in pairwise(points):
        if earlier == later:
            raise ImpossibleCourse(f"{_capital(earlier_name)} and {later_name} are at the same moment.")


def _total(segments: Sequence[Segment]) -> timedelta | None:
    durations = [segment.duration for segment in segments]
    known = [duration for duration in durations if duration is not None]
    return sum(known, timedelta(0)) if len(known) == len(durations) else None


def _days(duration: timedelta) -> Decimal:
    return Decimal(_microseconds(duration)) / _microseconds(DAY)


def _microseconds(duration: timedelta | None) -> int:
    return 0 if duration is None else duration // timedelta(microseconds=1)


def _utc(moment: datetime) -> datetime:
    # Python compares and subtracts two moments of one zone by wall clock, so all is done in UTC.
    if moment.utcoffset() is None:
        raise ValueError(f"The moment {_shown(moment)} has no time zone, so no time can be measured from it.")
    return moment.astimezone(UTC)


def _shown(moment: datetime) -> str:
    return f"{moment:%d-%b-%Y %H:%M}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
