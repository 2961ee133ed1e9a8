"""A visit's form that is first entered long after the visit's window has closed is asked why (ICH E6(R3) 4.3.6)."""

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from trial import moments, partial_dates
from trial.models import FormRecord

LATE = timedelta(days=14)  # after the visit's window has closed


def question(record: FormRecord) -> str:
    """The sentence that asks for the reason of a first entry, on the site's day; "" where none is needed.

    Logs have no window, and rows of an import no delay of entry: their source says when they were written.
    """
    if not settings.ASK_WHY_LATE or record.visit is None or record.visit.closes is None or record.source_system:
        return ""
    return _late(record.visit.closes, moments.to_wall(timezone.now(), record.time_zone).date())


def _late(closes: date, today: date) -> str:
    if today - closes <= LATE:
        return ""
    return (
        f"The window of this visit closed on {partial_dates.show(closes)}, {(today - closes).days} days ago:"
        " give the reason why the form is entered only now."
    )
