"""Forms that wait to be verified, and marks that have fallen since."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from trial import access, listing, protocol, verification
from trial.crf import registry
from trial.models import FormRecord, ReviewKind, Subject, User
from trial.permissions import Permission as P
from trial.worklists.lists import Line, Made, Narrow, Source, WorkList, days_waited


@dataclass(frozen=True)
class _ToVerify:
    user: User

    def count(self) -> int:
        return verification.count_to_verify(self.user)

    def lines(self, start: int, stop: int) -> list[Line]:
        return _lines(verification.to_verify(self.user, limit=stop)[start:])


def to_verify(user: User, narrow: Narrow) -> Source | None:
    """What the plan asks to verify. A narrowed list is made of the whole one."""
    if not access.may_anywhere(user, P.VERIFY):
        return None
    if narrow == Narrow():
        return _ToVerify(user)
    wanted = set(narrowed_subjects(narrow).values_list("number", flat=True))
    return Made([line for line in _lines(verification.to_verify(user)) if line.subject in wanted])


def narrowed_subjects(narrow: Narrow) -> QuerySet[Subject]:
    at_site = Subject.objects.filter(site__number=narrow.site) if narrow.site else Subject.objects.all()
    return at_site.filter(number__icontains=narrow.number)


def _fits(line: Line, narrow: Narrow) -> bool:
    return narrow.site in {"", line.site} and narrow.number.lower() in line.subject.lower()


def _lines(found: Iterable[verification.ToVerify]) -> list[Line]:
    rows = list(found)
    titles = _log_titles(one.record_id for one in rows if registry.get(one.crf_code).log)
    return [
        Line(
            url=reverse("form", args=[one.record_id]),
            text=_to_verify(one, titles.get(one.record_id)),
            status="complete",
            word="To verify",
            waited=days_waited(one.since),
            subject=one.subject,
            since=one.since.date(),
        )
        for one in rows
    ]


def _to_verify(one: verification.ToVerify, title: str | None) -> str:
    count = len(one.items)
    return f"{one.subject}: {_named(one.crf_code, one.visit, title)}, {count} item{'s' if count > 1 else ''}"


def _log_titles(pks: Iterable[int]) -> dict[int, str]:
    """What tells the rows of a log apart, or their number where that is blank. Three statements at most, or none."""
    records = list(FormRecord.objects.filter(pk__in=list(pks)))
    titles = listing.titles(records)
    return {record.pk: titles.get(record.pk) or f"No. {record.sequence}" for record in records}


def _named(crf_code: str, visit: str | None, title: str | None) -> str:
    """`Vital signs, Day 8`, or of a log `Treatment block, Induction, 01-Dec-2019`."""
    rest = title or (protocol.get().visit(visit).label if visit else "")
    return f"{registry.get(crf_code).title}, {rest}" if rest else registry.get(crf_code).title


def dropped(user: User, narrow: Narrow) -> Source | None:
    """Marks of the kinds that the user gives, taken away by a change of the value."""
    if not any(access.may_anywhere(user, permission) for permission in verification.PERMISSIONS.values()):
        return None
    found = verification.dropped(user)
    titles = _log_titles(one.record.pk for one in found if one.record.spec.log)
    every = [_dropped(one, titles) for one in found]
    return Made([line for line in every if _fits(line, narrow)])


def _dropped(one: verification.Dropped, titles: dict[int, str]) -> Line:
    record = one.record
    name = _named(record.crf_code, record.visit.code if record.visit else None, titles.get(record.pk))
    labels = ", ".join(record.spec.item(item).label for item in one.items if record.spec.has_item(item))
    return Line(
        url=reverse("form", args=[record.pk]),
        text=f"{record.subject.number}: {name}: {labels}",
        status="overdue",
        word=f"{ReviewKind(one.kind).label}: changed",
        waited=days_waited(one.at),
        subject=record.subject.number,
        site=record.site.number,
        since=one.at.date(),
    )


LISTS = (
    WorkList(
        slug="dropped-verifications",
        title="Dropped: changed since it was verified or reviewed",
        empty_text="Nothing that you verified or reviewed has changed.",
        find=dropped,
    ),
    WorkList(slug="to-verify", title="Forms to verify", empty_text="All that is planned is verified.", find=to_verify),
)
