"""Forms of serious adverse events and end points without a signature: what a report should not be built on unseen.

A cut for the board is a milestone at which the investigators have endorsed their data (ICH E6(R3) 3.16.1(o)). A report
is not refused for it: the board must be able to meet. It says how many there were.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from trial import protocol, signatures, signed_values
from trial.crf import registry
from trial.models import FormRecord

SAFETY_FORMS = ("serious_adverse_event",)
SHOWN = 30


def forms(at: datetime | None = None) -> QuerySet[FormRecord]:
    """Those without a signature now, or as of the moment at which a report was frozen."""
    return signatures.unsigned({*SAFETY_FORMS, *protocol.get().end_points}, at)


def context() -> dict[str, Any]:
    """The number of each kind, and the first of them by name. Two statements."""
    rows = forms()
    counts = Counter(rows.order_by().values_list("crf_code", flat=True))
    return {
        "total": counts.total(),
        "kinds": [{"title": registry.get(code).title, "count": count} for code, count in counts.most_common()],
        "lines": [
            {
                "url": reverse("form", args=[record.pk]),
                "text": f"{record.subject.number}: {signed_values.name(record)}",
                "site": record.site.number,
            }
            for record in rows[:SHOWN]
        ],
    }


def in_words(at: datetime) -> str:
    """For the facts of a report; "" where all were signed."""
    count = forms(at).count()
    return f"{count} SAE or end-point form{'s' if count > 1 else ''}" if count else ""
