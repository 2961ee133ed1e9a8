"""Who may sign where, what is signed, what has fallen and what waits for a signature. Changes are in `actions`.

A form is signed if it stands under a signature that has no void. It may stand under several: its own, its visit's and
the casebook's; one that holds is enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from trial import access, locks, moments, roles
from trial.lifecycle import RecordState
from trial.models import (
    Delegation,
    FormRecord,
    Lock,
    LockKind,
    LockScope,
    Membership,
    Signature,
    SignedForm,
    Site,
    User,
)
from trial.permissions import Permission
from trial.roles import Role, Scope


class Standing(StrEnum):
    VALID = "valid"
    VOID = "void"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class SignedState:
    """Whether a form is signed now, and by whom, when (UTC): its newest signature, one that holds before any other.

    voided_at: when that signature fell; None while it holds.
    """

    state: Standing = Standing.NONE
    printed_name: str = ""
    role: str = ""
    at: datetime | None = None
    voided_at: datetime | None = None

    @property
    def is_valid(self) -> bool:
        return self.state is Standing.VALID

    @property
    def is_void(self) -> bool:
        return self.state is Standing.VOID

    @property
    def status(self) -> str:
        """The glyph; "" where nothing was ever signed."""
        return {Standing.VALID: "signed", Standing.VOID: "signature_void", Standing.NONE: ""}[self.state]

    @property
    def word(self) -> str:
        if self.at is None:
            return "Not signed"
        if self.is_void:
            return "Signature void"
        return f"Signed {self.printed_name}, {roles.get(self.role).name.lower()}, {self.at:%d-%b-%Y}"


def standing(records: Iterable[FormRecord]) -> dict[int, SignedState]:
    """record id -> its state, for every one of `records` (saved form records). One statement, however many."""
    pks = [record.pk for record in records]
    newest = (
        SignedForm.objects.filter(record__in=pks)
        .order_by("record_id", F("signature__void__id").desc(nulls_first=True), "-signature_id")
        .distinct("record_id")
        .values_list("record_id", "signature__printed_name", "signature__role", "signature__at", "signature__void__at")
    )
    found = dict.fromkeys(pks, SignedState())
    for pk, name, role, at, voided_at in newest:
        state = Standing.VALID if voided_at is None else Standing.VOID
        found[pk] = SignedState(state=state, printed_name=name, role=role, at=at, voided_at=voided_at)
    return found


def is_signed() -> Exists:
    """A condition on form records: stands under a signature that holds."""
    return Exists(SignedForm.objects.filter(record=OuterRef("pk"), signature__void=None))


def unsigned(crf_codes: Iterable[str], at: datetime | None = None) -> QuerySet[FormRecord]:
    """The forms of these CRFs, in all sites, that stand under no signature that holds: now, or as of a moment."""
    rows = FormRecord.objects.filter(crf_code__in=sorted(set(crf_codes)))
    signed = SignedForm.objects.filter(record=OuterRef("pk"))
    if at is None:
        rows = rows.filter(~Exists(signed.filter(signature__void=None)), deleted_at=None)
    else:
        held = Q(signature__void=None) | Q(signature__void__at__gt=at)
        there = Q(deleted_at=None) | Q(deleted_at__gt=at)
        rows = rows.filter(there, ~Exists(signed.filter(held, signature__at__lte=at)), created_at__lte=at)
    return rows.select_related("subject", "site", "visit").order_by("subject__number", "crf_code", "sequence", "pk")


def seen_by(user: User) -> QuerySet[Signature]:
    """The signatures over forms that this user may see."""
    return Signature.objects.filter(Exists(access.forms(user).filter(signed__signature=OuterRef("pk"))))


def get(user: User, pk: int) -> Signature:
    """One signature, if this user may see a form under it. Raises Http404."""
    rows = seen_by(user).select_related("subject", "site", "visit", "by", "void__by", "void__record")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404("There is nothing here, or it is not at one of your sites.")
    return found


# --- who may sign ------------------------------------------------------------------------------------------------


def signing_role(user: User, site: Site, crf_code: str | None = None) -> Role:
    """The role as which `user` signs at a site. Raises PermissionDenied with a sentence.

    A role that signs as far as it is delegated needs a delegation in force on the site's calendar day today.
    """
    role = access.role_for(user, Permission.SIGN, site.pk, crf_code)
    able = [each for each in access.roles_at(user, site.pk) if Permission.SIGN in each.permissions]
    free = next((each for each in able if not each.signs_if_delegated), None)
    if free is not None:
        return free
    _check_delegated(user, site)
    return role


def can_sign(user: User, site: Site, crf_code: str | None = None) -> bool:
    try:
        signing_role(user, site, crf_code)
    except PermissionDenied:
        return False
    return True


def today_at(site: Site) -> date:
    return moments.to_wall(timezone.now(), site.time_zone).date()


def delegations_in_force(user: User, site: Site) -> QuerySet[Delegation]:
    """Both ends included, by the site's calendar; none that was ended at once."""
    today = today_at(site)
    rows = Delegation.objects.filter(user=user, site=site, task=Delegation.Task.SIGN, ended_at=None)
    return rows.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


def hold_delegation(user: User, site: Site, role: Role) -> None:
    """Keep what `user` signs by from being ended until this transaction is over: no signature is later than its end.

    Raises PermissionDenied where the role signs if delegated and it has been ended meanwhile.
    """
    if role.signs_if_delegated and not list(delegations_in_force(user, site).select_for_update()):
        _check_delegated(user, site)


def _check_delegated(user: User, site: Site) -> None:
    if delegations_in_force(user, site).exists():
        return
    rows = Delegation.objects.filter(user=user, site=site, task=Delegation.Task.SIGN)
    given = rows.order_by("starts_on", "id").last()
    raise PermissionDenied(f"{_why_not(given, site)} Ask the investigator of {site.number} to delegate it.")


def _why_not(given: Delegation | None, site: Site) -> str:
    if given is None:
        return "Signing has not been delegated to you."
    if given.ended_at is not None:
        return f"The delegation of signing to you ended on {moments.show(given.ended_at, site.time_zone)}."
    if given.ends_on is not None and given.ends_on < today_at(site):
        return f"The delegation of signing to you ended on {given.ends_on:%d-%b-%Y}."
    return f"The delegation of signing to you begins on {given.starts_on:%d-%b-%Y}."


# --- what waits --------------------------------------------------------------------------------------------------


def to_sign(user: User) -> QuerySet[FormRecord]:
    """Complete forms that wait for a signature and that `user` may sign, without those of `voided_for`; oldest first.

    At most three statements.
    """
    rows = FormRecord.objects.filter(
        signable(user),
        ~is_signed(),
        ~Exists(SignedForm.objects.filter(record=OuterRef("pk"), signature__by=user)),
        state=RecordState.COMPLETE,
        deleted_at=None,
    )
    return rows.exclude(_locked()).select_related("subject", "site", "visit").order_by("updated_at", "id")


def voided_for(user: User) -> QuerySet[Signature]:
    """Void signatures of `user` with a form that has not been signed anew; `.void` says who, when and why."""
    waiting = SignedForm.objects.filter(signature=OuterRef("pk"), record__deleted_at=None).exclude(
        Exists(SignedForm.objects.filter(record=OuterRef("record"), signature__void=None))
    )
    rows = Signature.objects.filter(signable(user, crf_code=""), Exists(waiting), by=user, void__isnull=False)
    return rows.select_related("void__record", "void__by", "subject", "site", "visit").order_by("void__at", "id")


def signs_as(user: User, membership: Membership) -> bool:
    """Whether `user` signs today in this role: one that signs if delegated, only with a delegation in force."""
    role = membership.role
    if Permission.SIGN not in role.permissions:
        return False
    return not role.signs_if_delegated or (membership.site is not None and can_sign(user, membership.site))


def signable(user: User, crf_code: str = "crf_code") -> Q:
    """The filter on `site`, and on the column `crf_code` if named: where and what `user` may sign today."""
    able = Q(pk__in=[])
    for membership in user.current_memberships():
        if not signs_as(user, membership):
            continue
        role = membership.role
        part = Q(site=membership.site_id) if role.scope is Scope.SITE else Q()
        if crf_code and role.crfs is not None:
            part &= Q(**{f"{crf_code}__in": sorted(role.crfs)})
        able |= part or Q(pk__isnull=False)
    return able


def _locked() -> Q:
    """Form records under a lock; a freeze alone lets a form be signed, and so does being open for a correction.

    One statement. A lock set after such an opening is met when the form is signed.
    """
    target = ("record_id", "visit_id", "subject_id", "site_id")
    newest = Lock.objects.filter(kind=LockKind.LOCK).order_by("scope", *target, "-id").distinct("scope", *target)
    held: dict[str, list[int | None]] = {scope: [] for scope in LockScope}
    opened = []
    for row in newest:
        if row.locked:
            held[row.scope].append(row.record_id or row.visit_id or row.subject_id or row.site_id)
        elif row.until_signed:
            opened.append(row.record_id)
    around = Q(visit__in=held[LockScope.VISIT]) | Q(subject__in=held[LockScope.SUBJECT])
    around |= Q(site__in=held[LockScope.SITE])
    if held[LockScope.STUDY]:
        around |= Q(pk__isnull=False)
    return Q(pk__in=held[LockScope.FORM]) | (around & ~Q(pk__in=opened))


def locked(records: Iterable[FormRecord]) -> set[int]:
    """The ids of those under a lock (not a freeze alone, nor open for a correction). One statement."""
    forms = list(records)
    rows = Lock.objects.filter(
        Q(scope=LockScope.STUDY)
        | Q(site__in={record.site_id for record in forms})
        | Q(subject__in={record.subject_id for record in forms})
        | Q(visit__in={record.visit_id for record in forms if record.visit_id})
        | Q(record__in={record.pk for record in forms}),
        kind=LockKind.LOCK,
    )
    in_force = locks.InForce(rows.order_by("id"))
    return {record.pk for record in forms if in_force.of(record) == locks.LOCK}


def settled(records: list[FormRecord]) -> set[int]:
    """The ids of those that are signed and locked: a signature of their visit or casebook leaves them as they are."""
    held = locked(records)
    signed = standing(record for record in records if record.pk in held)
    return {pk for pk, state in signed.items() if state.is_valid}


def signed_by(user: User, scope: str, records: list[FormRecord]) -> bool:
    """Whether one signature of this person and scope holds and covers all of them."""
    pks = {record.pk for record in records}
    rows = SignedForm.objects.filter(
        record__in=pks, signature__by=user, signature__scope=scope, signature__void=None
    ).values_list("signature_id", "record_id")
    under: dict[int, set[int]] = {}
    for signature, record in rows:
        under.setdefault(signature, set()).add(record)
    return any(pks <= found for found in under.values())
