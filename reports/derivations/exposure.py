"""The infusion of a subject as segments of one dose each, and what they add up to by the day of the cut."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from patients.exposure import Course, DoseChange, ImpossibleCourse, Interruption, course
from reports.derivations.raw import Case, Row, day


def infusion_start(case: Case) -> date | None:
    """The day on which blinatumomab started."""
    return day(case.first("infusion"), "exstdtc")


def course_by(case: Case, cut: date) -> Course | None:
    """The course so far; a running one is measured to the end of the day of the cut.

    None where no infusion has started, and where its rows contradict each other (they are queried; nothing is guessed).
    """
    infusion = case.first("infusion")
    if infusion.get("exstdtc") is None:
        return None
    stops = [_interruption(row) for row in case.rows("interruption") if row.get("intstdtc")]
    changes = [
        DoseChange(row["dcdtc"], row["dcdose"])
        for row in case.rows("dose_change")
        if row.get("dcdtc") and row.get("dcdose") is not None
    ]
    as_of = None if infusion.get("exendtc") else _end_of(cut, infusion["zone"])
    try:
        return course(infusion["exstdtc"], infusion.get("exendtc"), stops, changes, as_of=as_of)
    except ImpossibleCourse:
        return None


def totals(case: Case, cut: date) -> dict[str, Any]:
    """The exposure variables of ADSL."""
    infusion, so_far = case.first("infusion"), course_by(case, cut)
    started = infusion.get("exstdtc") is not None
    return {
        "TRTSDTM": infusion.get("exstdtc"),
        "TRTEDTM": infusion.get("exendtc"),
        "TRTONGO": started and infusion.get("exendtc") is None,
        "STOPREAS": infusion.get("stop_reason"),
        "DELDAYS": _days(so_far.delivered) if so_far else None,
        "INTDAYS": _days(so_far.interrupted) if so_far else None,
        "DOSEPCT": _rounded(so_far.percent_of_planned) if so_far else None,
        "FULLCRS": so_far.full_course if so_far else None,
        "INTERRFL": bool(started and case.rows("interruption")),
        "DOSECHFL": bool(started and case.rows("dose_change")),
    }


def segments(case: Case, cut: date) -> Iterator[dict[str, Any]]:
    """The rows of ADEX: segments of one dose, pauses with dose 0 and their reason."""
    so_far = course_by(case, cut)
    reasons = {row["intstdtc"]: row.get("intreason") for row in case.rows("interruption") if row.get("intstdtc")}
    for number, segment in enumerate(so_far.segments if so_far else (), start=1):
        yield {
            "USUBJID": case.number,
            "SEGNO": number,
            "ASTDTM": segment.start,
            "AENDTM": segment.end,
            "DOSE": segment.dose_ug_m2_day,
            "DAYS": _days(segment.duration),
            "PAUSE": not segment.infusing,
            "REASON": None if segment.infusing else reasons.get(segment.start),
        }


def _interruption(row: Row) -> Interruption:
    return Interruption(row["intstdtc"], row.get("intendtc"), row.get("restart_dose"), row.get("full_dtc"))


def _end_of(cut: date, zone: str) -> datetime:
    return datetime.combine(cut + timedelta(days=1), time(), ZoneInfo(zone))


def _days(duration: timedelta | None) -> Decimal | None:
    """Days to five decimals, which is about a second."""
    return None if duration is None else _rounded(Decimal(duration // timedelta(seconds=1)) / 86400)


def _rounded(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.quantize(Decimal("0.00001"), ROUND_HALF_UP)
