"""Forms that wait to be verified, and marks that have fallen since."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from trial import access, protocol, verification
from trial.crf import registry
from trial.models import ReviewKind, Subject, User
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
    return [
        Line(
            url=reverse("form", args=[one.record_id]),
            text=f"{one.subject}: {_named(one)}, {len(one.items)} item{'s' if len(one.items) > 1 else ''}",
            status="complete",
            word="To verify",
            waited=days_waited(one.since),
            subject=one.subject,
            since=one.since.date(),
        )
        for one in found
    ]


def _named(one: verification.ToVerify) -> str:
    title = registry.get(one.crf_code).title
    return f"{title}, {protocol.get().visit(one.visit).label}" if one.visit else title


def dropped(user: User, narrow: Narrow) -> Source | None:
    """Marks of the kinds that the user gives, taken away by a change of the value."""
    if not any(access.may_anywhere(user, permission) for permission in verification.PERMISSIONS.values()):
        return None
    every = [_dropped(one) for one in verification.dropped(user)]
    return Made([line for line in every if _fits(line, narrow)])


def _dropped(one: verification.Dropped) -> Line:
    record = one.record
    labels = ", ".join(record.spec.item(item).label for item in one.items if record.spec.has_item(item))
    return Line(
        url=reverse("form", args=[record.pk]),
        text=f"{record.subject.number}: {record.spec.title}: {labels}",
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
