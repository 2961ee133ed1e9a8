"""The two moments that a report stands on: the data cut (a day) and the freeze (what was entered by then). Pure."""

from datetime import UTC, date, datetime

# A year below is a slip of the hand: CTCAE, which grades the events, is younger.
EARLIEST = date(1990, 1, 1)


class WrongCut(ValueError):
    """A cut or freeze that no report can stand on; the message is a sentence."""


def parse_cut(text: str) -> date:
    """`2022-08-31` as a date. Raises WrongCut."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise WrongCut(f"{text!r} is not a date. Write the cut as year-month-day, for example 2022-08-31.") from error


def check_cut(cut: date, *, now: datetime) -> None:
    """Raise WrongCut for a day before 1990, or that has not come yet (UTC): its data would change after the report."""
    if cut < EARLIEST:
        raise WrongCut(f"The data cut {cut} lies before {EARLIEST}, when there was no subject. Check the year.")
    if cut > now.astimezone(UTC).date():
        raise WrongCut(f"The data cut {cut} lies in the future. Choose today or an earlier day.")


def parse_freeze(text: str, *, now: datetime) -> datetime:
    """`2022-09-15T12:00` (UTC unless it names its offset), not after `now`. Raises WrongCut."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongCut(f"{text!r} is not a moment. Write it like 2022-09-15T12:00 (UTC).") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise WrongCut(f"The freeze {text} lies in the future. What will be entered by then is not known yet.")
    return moment
