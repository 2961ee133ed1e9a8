"""Checks that any form with a date can have: before birth, after death, before consent, outside its visit's window.

Each function makes the check for one item of one CRF; apps above use them for their own forms.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from patients import protocol
from trial import partial_dates, visit_schedule
from trial.checks import CrossCheck, Found, Severity, cross_check
from trial.subject_data import SubjectData

_VISITS = {visit.code: visit for visit in protocol.SCHEDULE}


def first_day(value: Any) -> date | None:
    """The earliest calendar day that a date, a moment (wall clock) or a partial date can mean."""
    return _day(value, partial_dates.earliest)


def last_day(value: Any) -> date | None:
    """The latest calendar day that a date, a moment (wall clock) or a partial date can mean."""
    return _day(value, partial_dates.latest)


def _day(value: Any, of_partial: Callable[[str], date]) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return of_partial(value) if isinstance(value, str) and value else value or None


def birth_date(subject: SubjectData) -> date | None:
    baseline = subject.first("baseline")
    return baseline.brthdat if baseline else None


def death_date(subject: SubjectData) -> date | None:
    """Date of death; the earliest, should there be two forms."""
    return min((row.dthdat for row in subject.rows("death") if row.dthdat), default=None)


def consent_date(subject: SubjectData) -> date | None:
    """Date of the first consent."""
    return min((row.icdat for row in subject.rows("consent") if row.icdat), default=None)


def before_birth(code: str, crf: str, item: str) -> CrossCheck:
    """A soft check that `item` does not lie before birth."""

    @cross_check(
        code, crf=crf, item=item, reads={"baseline"}, message="{date} lies before birth on {birth}. Check both."
    )
    def date_before_birth(subject: SubjectData) -> Iterator[Found]:
        birth = birth_date(subject)
        for row in subject.rows(crf) if birth else ():
            day = last_day(row.values[item])
            if day and birth and day < birth:
                yield Found(row, {"date": row.values[item], "birth": birth})

    return date_before_birth


def after_death(code: str, crf: str, item: str) -> CrossCheck:
    """A soft check that `item` does not lie after death."""

    @cross_check(code, crf=crf, item=item, reads={"death"}, message="{date} lies after death on {death}. Check both.")
    def date_after_death(subject: SubjectData) -> Iterator[Found]:
        death = death_date(subject)
        for row in subject.rows(crf) if death else ():
            day = first_day(row.values[item])
            if day and death and day > death:
                yield Found(row, {"date": row.values[item], "death": death})

    return date_after_death


def before_consent(code: str, crf: str, item: str) -> CrossCheck:
    """A rule of order: a step of the study dated before the first consent. The day of consent itself is fine."""

    @cross_check(
        code,
        crf=crf,
        item=item,
        reads={"consent"},
        severity=Severity.ORDER,
        message="{date} lies before the consent of {consent}: nothing of the trial before consent.",
    )
    def date_before_consent(subject: SubjectData) -> Iterator[Found]:
        consent = consent_date(subject)
        for row in subject.rows(crf) if consent else ():
            day = last_day(row.values[item])
            if day and consent and day < consent:
                yield Found(row, {"date": row.values[item], "consent": consent})

    return date_before_consent


def without_consent(code: str, crf: str, item: str) -> CrossCheck:
    """A rule of order: a step of the study although no consent is recorded."""

    @cross_check(
        code,
        crf=crf,
        item=item,
        reads={"consent"},
        severity=Severity.ORDER,
        message="{date}, but no consent is recorded. Enter the consent form first.",
    )
    def date_without_consent(subject: SubjectData) -> Iterator[Found]:
        if consent_date(subject) is None:
            yield from (Found(row, {"date": row.values[item]}) for row in subject.rows(crf) if row.values[item])

    return date_without_consent


def outside_visit_window(code: str, crf: str, item: str) -> CrossCheck:
    """A soft check that `item` lies in the window of the visit where the form stands. Unscheduled forms have none."""

    @cross_check(
        code,
        crf=crf,
        item=item,
        reads=protocol.READS,
        message="{date} lies outside the window of {visit}: {opens} to {closes}. Correct the date, or confirm it.",
    )
    def date_outside_visit_window(subject: SubjectData) -> Iterator[Found]:
        anchors = protocol.anchors(subject)
        for row in subject.rows(crf):
            day, visit = first_day(row.values[item]), _VISITS.get(row.visit or "")
            if day is None or visit is None:
                continue
            window = visit_schedule.plan(visit, anchors)
            if window.opens and window.closes and not window.opens <= day <= window.closes:
                shown = {"date": day, "visit": visit.label, "opens": window.opens, "closes": window.closes}
                yield Found(row, shown)

    return date_outside_visit_window
