"""Study days and ages: calendar arithmetic that every report agrees on."""

from datetime import date

DAYS_PER_MONTH = 30.4375


def study_day(day: date, reference: date) -> int:
    """Day of study, CDISC style: the reference date is day 1, the day before it is day -1; there is no day 0."""
    difference = (day - reference).days
    return difference + 1 if difference >= 0 else difference


def age_days(birth: date, on: date) -> int:
    """Age in completed days. Raises ValueError when `on` lies before birth."""
    if on < birth:
        raise ValueError(f"{on} lies before birth on {birth}.")
    return (on - birth).days


def age_text(birth: date, on: date) -> str:
    """Age as a ward says it: `46 days (1.5 months)`."""
    days = age_days(birth, on)
    return f"{days} days ({days / DAYS_PER_MONTH:.1f} months)"


def in_words(day: date, *, entry: date | None, birth: date | None) -> str:
    """What stands beside a date: `Study day 3, 46 days old (1.5 months)`. Parts that are not known are left out.

    Never `Day 3` alone: visits are named by days that a protocol counts from elsewhere.
    """
    parts = []
    if entry is not None:
        parts.append(f"Study day {study_day(day, entry)}")
    if birth is not None and birth <= day:
        parts.append(f"{age_days(birth, day)} days old ({age_days(birth, day) / DAYS_PER_MONTH:.1f} months)")
    return ", ".join(parts)
