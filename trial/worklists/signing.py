"""Forms that wait for a signature: never signed, or signed and changed since."""

from collections.abc import Iterable

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.urls import reverse

from trial import access, listing, protocol, signatures
from trial.models import FormRecord, SignedForm, User
from trial.permissions import Permission as P
from trial.worklists.lists import Line, Narrow, Rows, Source, WorkList, days_waited, narrowed


def form_lines(records: Iterable[FormRecord], *, status: str, word: str) -> list[Line]:
    """A line for each form, by its title and visit, waiting since `waits_since`, or since it was begun."""
    rows = list(records)
    titles = listing.titles([record for record in rows if record.visit_id is None])
    return [
        Line(
            url=reverse("form", args=[record.pk]),
            text=f"{record.subject.number}: {name_of(record, titles)}",
            status=status,
            word=word,
            waited=days_waited(since),
            subject=record.subject.number,
            site=record.site.number,
            since=since.date(),
        )
        for record in rows
        for since in [getattr(record, "waits_since", None) or record.created_at]
    ]


def name_of(record: FormRecord, titles: dict[int, str]) -> str:
    """`Vital signs, Day 8`, or of a log `Adverse event, Hypertension, 01-Dec-2019`."""
    rest = protocol.get().visit(record.visit.code).label if record.visit else titles.get(record.pk, "")
    return f"{record.spec.title}, {rest}" if rest else record.spec.title


def to_sign(user: User, narrow: Narrow) -> Source | None:
    if not access.may_anywhere(user, P.SIGN):
        return None
    return Rows(narrowed(signatures.to_sign(user), narrow), _unsigned)


def _unsigned(records: list[FormRecord]) -> list[Line]:
    return form_lines(records, status="complete", word="To sign")


def to_sign_again(user: User, narrow: Narrow) -> Source | None:
    """Forms that were signed and are no more, for those who may sign them."""
    if not access.may_anywhere(user, P.SIGN) or not any(_signing(user)):
        return None
    return Rows(narrowed(void_forms(access.forms(user).filter(signatures.signable(user))), narrow), _void)


def signed_again_by_others(user: User, narrow: Narrow) -> Source | None:
    """The same for the site that has to know and for who looks after data: somebody else signs."""
    concerned = (P.SIGN, P.ENTER_DATA, P.CLOSE_ANY_QUERY, P.VIEW_AUDIT)
    if not any(access.may_anywhere(user, permission) for permission in concerned):
        return None
    if not access.may_anywhere(user, P.SIGN):
        return Rows(narrowed(void_forms(access.forms(user)), narrow), _void)
    if all(_signing(user)):
        return None
    return Rows(narrowed(void_forms(access.forms(user).exclude(signatures.signable(user))), narrow), _void)


def _signing(user: User) -> list[bool]:
    """Of each of the user's roles whether it signs today."""
    return [signatures.signs_as(user, membership) for membership in user.current_memberships()]


def void_forms(rows: QuerySet[FormRecord]) -> QuerySet[FormRecord]:
    """Those of `rows` whose signatures are all void; the longest waiting first."""
    signed = Exists(SignedForm.objects.filter(record=OuterRef("pk")))
    since = rows.filter(signed, ~signatures.is_signed(), deleted_at=None)
    since = since.annotate(waits_since=Max("signed__signature__void__at"))
    return since.select_related("subject", "site", "visit").order_by("waits_since", "id")


def _void(records: list[FormRecord]) -> list[Line]:
    return form_lines(records, status="signature_void", word="Signature void")


LISTS = (
    WorkList(
        slug="void-signatures",
        title="Void signatures: sign again",
        empty_text="No signature is void.",
        find=to_sign_again,
    ),
    WorkList(slug="to-sign", title="Forms to sign", empty_text="Every complete form is signed.", find=to_sign),
    WorkList(
        slug="signatures-awaited",
        title="Void signatures: wait for a new one",
        empty_text="No form waits for somebody else to sign it again.",
        find=signed_again_by_others,
    ),
)
