"""What is verified and reviewed, what has fallen since, and what the plan still asks a monitor to verify."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trial.models import FormRecord, ReviewKind, ReviewMark


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands of one kind of marks on one form, after its newest row.

    items: those marked now. whole: every item that the form asks is. at, by, role, reason: of that newest row, which
    took marks away where `given` is False.
    """

    items: frozenset[str]
    whole: bool
    given: bool
    version: int
    at: datetime
    by: str
    role: str
    reason: str


def standing(
    records: Iterable[FormRecord], kinds: Iterable[ReviewKind] | None = None
) -> dict[tuple[int, str], Standing]:
    """(id of the form, kind) -> what stands; forms that were never marked are not in it. One statement."""
    rows = ReviewMark.objects.filter(record__in=[record.pk for record in records])
    if kinds is not None:
        rows = rows.filter(kind__in=list(kinds))
    newest = rows.order_by("record", "kind", "-id").distinct("record", "kind").select_related("by")
    return {(mark.record_id, mark.kind): _standing(mark) for mark in newest}


def _standing(mark: ReviewMark) -> Standing:
    return Standing(
        items=frozenset(mark.stands),
        whole=mark.whole,
        given=mark.given,
        version=mark.version,
        at=mark.at,
        by=mark.by.full_name,
        role=mark.role,
        reason=mark.reason,
    )
