"""Changes that deserve a look: late entries, changes after signature, changes of end-point items (ICH E6(R3) 4.2.3)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from django.db.models import F

from trial import protocol, trail
from trial.crf import registry
from trial.history import history_model
from trial.late_entry import LATE
from trial.models import AuditReview, FormRecord, SignatureVoid, Site

MOST = 200
START = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Line:
    subject: str
    site: str
    record: int | None
    text: str
    by: str
    at: datetime
    zone: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One list of the review. find: the lines of a stretch of time, oldest first, at most MOST and one more."""

    code: str
    title: str
    help: str
    find: Callable[[datetime, datetime], list[Line]] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Section:
    kind: Kind
    since: datetime | None
    lines: tuple[Line, ...]
    more: bool
    last: AuditReview | None


def late_entries(since: datetime, until: datetime) -> list[Line]:
    """Forms of visits entered long after the visit's window had closed, and why. Imported rows have no entry delay."""
    found = FormRecord.objects.filter(
        created_at__gt=since, created_at__lte=until, source_system="", created_at__date__gt=F("visit__closes") + LATE
    ).select_related("subject__site", "visit", "created_by")
    records = list(found.order_by("created_at")[: MOST + 1])
    given = _first_reasons(records)
    return [
        Line(
            subject=record.subject.number,
            site=record.subject.site.number,
            record=record.pk,
            text=f"{record.spec.title}, {(record.created_at.date() - closes).days} days after the window had closed",
            by=record.created_by.full_name,
            at=record.created_at,
            zone=record.time_zone,
            reason=given.get(record.pk, ""),
        )
        for record in records
        if record.visit and (closes := record.visit.closes)
    ]


def _first_reasons(records: list[FormRecord]) -> dict[int, str]:
    """record id -> the reason of its first save."""
    rows = history_model(FormRecord).objects.filter(pgh_obj_id__in=[record.pk for record in records])
    first = rows.order_by("pgh_obj_id", "pgh_id").distinct("pgh_obj_id")
    return dict(first.values_list("pgh_obj_id", "pgh_reason"))


def after_signature(since: datetime, until: datetime) -> list[Line]:
    """Signed values that were changed."""
    voids = SignatureVoid.objects.filter(at__gt=since, at__lte=until).select_related(
        "by", "record__subject__site", "signature"
    )
    return [
        Line(
            subject=void.record.subject.number,
            site=void.record.subject.site.number,
            record=void.record_id,
            text=f"{void.record.spec.title}: {_labels(void)}, signed by {void.signature.printed_name}",
            by=void.by.full_name,
            at=void.at,
            zone=void.record.time_zone,
            reason=void.reason,
        )
        for void in voids.order_by("at")[: MOST + 1]
        if void.record
    ]


def _labels(void: SignatureVoid) -> str:
    spec = registry.get(void.record.crf_code) if void.record else None
    known = [spec.item(item).label for item in void.items if spec and spec.has_item(item)]
    return ", ".join(known) or "deleted"


def end_points(since: datetime, until: datetime) -> list[Line]:
    """Saved values of end-point items that were changed."""
    zones = dict(Site.objects.values_list("number", "time_zone"))
    found = [
        line for code, items in protocol.get().end_points.items() for line in _of(code, items, since, until, zones)
    ]
    return sorted(found, key=lambda line: line.at)[: MOST + 1]


def _of(
    code: str, items: tuple[str, ...], since: datetime, until: datetime, zones: Mapping[str, str]
) -> Iterator[Line]:
    wanted = trail.Filter(crf=code, since=since, until=until, updates=True)
    for change in islice((change for change in trail.stream(wanted) if change.item in items), MOST + 1):
        yield Line(
            subject=change.subject,
            site=change.site,
            record=change.record,
            text=f"{change.form}: {change.label}, {change.old or 'no value'} → {change.new or 'no value'}",
            by=change.by,
            at=change.at,
            zone=zones[change.site],
            reason=change.reason,
        )


KINDS = (
    Kind(
        code="late", title="Late entries", help="Entered more than 14 days after the window closed", find=late_entries
    ),
    Kind(code="signed", title="Changes after signature", help="Each voided the signature", find=after_signature),
    Kind(code="end points", title="Changes of end-point items", help="Corrections of saved values", find=end_points),
)


def section(kind: Kind, *, through: datetime) -> Section:
    """What has come since this kind was last looked through."""
    last = AuditReview.objects.filter(kind=kind.code).select_related("by").order_by("id").last()
    lines = kind.find(last.through if last else START, through)
    return Section(
        kind=kind, since=last.through if last else None, lines=tuple(lines[:MOST]), more=len(lines) > MOST, last=last
    )
