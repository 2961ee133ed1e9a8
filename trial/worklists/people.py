"""What waits for who manages people: invitations that ran out, trainings that are missing, the review of the rights."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from trial import access, access_register, clock, training
from trial.models import Invitation, Membership, Training, User
from trial.permissions import Permission as P
from trial.worklists.lists import Line, Made, Narrow, Source, WorkList, days_waited


def waiting(user: User, narrow: Narrow) -> Source | None:
    if not access.may_anywhere(user, P.MANAGE_PEOPLE):
        return None
    return Made([*_review(), *_invitations(), *_untrained()])


def _line(url: str, text: str, status: str, word: str, since: date) -> Line:
    return Line(url=url, text=text, status=status, word=word, waited=days_waited(since), since=since)


def _review() -> Iterator[Line]:
    if since := access_register.overdue_since():
        yield _line(reverse("access-on"), "Look through who has which rights", "overdue", "Review overdue", since)


def _invitations() -> Iterator[Line]:
    rows = Invitation.objects.filter(
        accepted_at=None, withdrawn_at=None, expires_at__lte=timezone.now(), user__is_active=True
    ).select_related("user")
    for invitation in rows.order_by("expires_at"):
        person = invitation.user
        url = reverse("person", args=[person.pk])
        yield _line(url, f"{person.full_name}: invite again", "overdue", "Expired", invitation.expires_at.date())


def _untrained() -> Iterator[Line]:
    trained = Training.objects.filter(user=OuterRef("user"), version=training.VERSION)
    held = Membership.in_force(clock.today()).filter(~Exists(trained), user__is_active=True)
    seen: set[int] = set()
    for membership in held.exclude(role_code="system").select_related("user").order_by("starts_on", "id"):
        if membership.user_id not in seen:
            seen.add(membership.user_id)
            url = reverse("person", args=[membership.user_id])
            text = f"{membership.user.full_name}: record training {training.VERSION}"
            yield _line(url, text, "due", "Reads only", membership.starts_on)


LISTS = (
    WorkList(slug="people", title="People and rights", empty_text="Everybody is invited and trained.", find=waiting),
)
