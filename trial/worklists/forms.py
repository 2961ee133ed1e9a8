"""Forms that wait to be entered: drafts, what is due, what is late; and the next one."""

from dataclasses import dataclass

from django.urls import reverse

from trial import access, clock, drafts, due_forms, protocol
from trial.crf import registry
from trial.models import Subject, User, Visit
from trial.permissions import Permission as P
from trial.visit_schedule import Due, due
from trial.worklists.lists import Line, Narrow, Section, Source, WorkList, days_waited


@dataclass
class _Missing:
    """Forms that are not there, found and counted by PostgreSQL at once. late: only those whose window is over."""

    user: User
    narrow: Narrow
    permission: P
    late: bool
    counted: int | None = None

    def count(self) -> int:
        if self.counted is None:
            self._find(0, 1)
        return self.counted or 0

    def lines(self, start: int, stop: int) -> list[Line]:
        enters = access.may_anywhere(self.user, P.ENTER_DATA)
        return [_line(visit, code, enters) for visit, code in self._find(start, stop - start)]

    def _find(self, start: int, limit: int) -> list[tuple[Visit, str]]:
        found, counted = due_forms.missing_forms(
            self.user,
            clock.today(),
            limit=limit,
            start=start,
            permission=self.permission,
            late=self.late,
            site=self.narrow.site,
            number=self.narrow.number,
        )
        if found or start == 0:  # beyond the last line nothing is counted
            self.counted = counted
        return found


def forms_due(user: User, narrow: Narrow) -> Source | None:
    """Forms whose window is open or has passed, at the sites where the user enters data."""
    if not access.may_anywhere(user, P.ENTER_DATA):
        return None
    return _Missing(user, narrow, P.ENTER_DATA, late=False)


def forms_late(user: User, narrow: Narrow) -> Source | None:
    """For those who look after data that others enter."""
    looks_after = access.may_anywhere(user, P.CLOSE_ANY_QUERY) or access.may_anywhere(user, P.VIEW_AUDIT)
    if not looks_after or access.may_anywhere(user, P.ENTER_DATA):
        return None
    return _Missing(user, narrow, P.VIEW_DATA, late=True)


def _line(visit: Visit, code: str, enters: bool) -> Line:
    state = due(visit.planned, clock.today())
    since = visit.closes if state is Due.OVERDUE else visit.opens
    number = visit.subject.number
    return Line(
        url=_begin(visit, code) if enters else reverse("visit", args=[number, visit.code]),
        text=f"{number}: {registry.get(code).title}, {protocol.get().visit(visit.code).label}",
        status=state,
        word="Overdue" if state is Due.OVERDUE else "Due",
        waited=days_waited(since) if since else "",
        subject=number,
        site=visit.subject.site.number,
        since=since,
    )


def _begin(visit: Visit, code: str) -> str:
    return f"{reverse('form-new', args=[visit.subject.number, code])}?visit={visit.code}"


def your_drafts(user: User) -> Section | None:
    """What the user typed today and did not save; nothing where there is none."""
    if not access.may_anywhere(user, P.ENTER_DATA):
        return None
    lines = tuple(
        Line(
            url=drafts.address(draft) if draft.row else draft.address,
            text=f"{draft.subject.number}: {registry.get(draft.crf_code).title}",
            status="in_progress",
            word="Not saved",
            waited=days_waited(draft.typed_at),
        )
        for draft in drafts.of(user)
    )
    return Section(title="Your drafts", lines=lines, empty_text="Nothing that you typed is unsaved.") if lines else None


def next_of_subject(user: User, subject: Subject) -> str:
    """The address of the subject's next form, or its casebook: as in the list of forms due, this subject's alone."""
    found, _ = due_forms.missing_forms(user, clock.today(), limit=1, subject=subject)
    return _begin(*found[0]) if found else reverse("casebook", args=[subject.number])


LISTS = (
    WorkList(slug="forms-due", title="Forms due", empty_text="No form is due.", find=forms_due),
    WorkList(slug="forms-overdue", title="Forms overdue", empty_text="No form is overdue.", find=forms_late),
)
