"""Sign forms, visits and casebooks; delegate signing. A signature falls by itself: PostgreSQL voids it with the change.

What a signature is asked for: 21 CFR 11.50 to 11.200, EMA 2023 Annex 4, ICH E6(R3) 2.3 and 4.2.2.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.hashers import check_password
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpRequest

from trial import access, access_log, attestation, reasons, signatures, signed_values
from trial.actions.locks import hold_if_open, relock_after_signature
from trial.history import history
from trial.lifecycle import RecordState, WrongState
from trial.models import (
    Delegation,
    FormRecord,
    Membership,
    Signature,
    SignatureAcknowledgement,
    SignatureScope,
    SignedForm,
    Site,
    Subject,
    User,
    Visit,
)
from trial.permissions import Permission
from trial.roles import Role

Target = FormRecord | Visit | Subject
NAMED = 5


class WrongPassword(PermissionDenied):
    """The password at signing was wrong, or the account is locked by too many wrong ones; the message is a sentence."""


class AcknowledgementNeeded(ValueError):
    """The first signature of a person needs the acknowledgement; the message is a sentence."""


class WrongDelegation(ValueError):
    """A delegation to somebody, or with days, that cannot be; the message is a sentence."""


def sign(
    *,
    target: Target,
    by: User,
    password: str,
    expected: Mapping[int, int],
    meaning: str = attestation.APPROVAL,
    acknowledged: bool = False,
    request: HttpRequest | None = None,
) -> Signature:
    """Sign a form, or all entered forms of a visit or of a subject's casebook.

    expected: record id -> the version that the signer was shown, of every form that is covered.
    acknowledged: that the electronic signature equals the handwritten one; asked for once per person.
    request: where the signer sits, for the access log and the count of wrong passwords.
    Every refusal leaves one access event, so call it outside a transaction that an exception would undo. Raises
    PermissionDenied (WrongPassword), AcknowledgementNeeded, ValueError for an unknown meaning, and WrongState where a
    form is not to be signed as it stands or is no longer what was shown.
    """
    try:
        return _sign(target, by, password, expected, meaning, acknowledged=acknowledged, request=request)
    except (PermissionDenied, AcknowledgementNeeded, WrongState) as refusal:
        role = next((role.code for role in access.roles_at(by, target.site_id)), "")
        place = f"{_scope(target)} {target.pk}: {refusal}"
        access_log.record(user=by, event="signing refused", target=place[:200], role=role, request=request)
        raise


def _sign(
    target: Target,
    by: User,
    password: str,
    expected: Mapping[int, int],
    meaning: str,
    *,
    acknowledged: bool,
    request: HttpRequest | None,
) -> Signature:
    role = signatures.signing_role(by, target.site, target.crf_code if isinstance(target, FormRecord) else None)
    attestation.check_meaning(meaning)
    is_first = _check_acknowledged(by, acknowledged=acknowledged)
    _check_password(by, password, request)
    with history(by=by, role=role.code, site_id=target.site_id, reason=attestation.MEANINGS[meaning]):
        signatures.hold_delegation(by, target.site, role)
        forms = _lock_forms(target, role)
        _check_shown(target, forms, expected)
        check_can_be_signed(target, forms, by)
        if is_first:
            _acknowledge(by, role)
        signature = _write(target, forms, by, role, meaning)
        hashes = "".join(form.sha256 for form in signature.forms.all())
        access_log.record(
            user=by,
            event="signed",
            target=f"{signature.scope} {target.pk}",
            role=role.code,
            sha256=hashlib.sha256(hashes.encode()).hexdigest(),
            request=request,
        )
        relock_after_signature(records=forms)
    return signature


# --- the signer --------------------------------------------------------------------------------------------------


def has_acknowledged(user: User) -> bool:
    """Whether this person has said once that the electronic signature equals the handwritten one."""
    return SignatureAcknowledgement.objects.filter(
        by=user, statement_version=attestation.ACKNOWLEDGEMENT_VERSION
    ).exists()


def _check_acknowledged(by: User, *, acknowledged: bool) -> bool:
    """Whether this is the person's first signature."""
    is_first = not has_acknowledged(by)
    if is_first and not acknowledged:
        raise AcknowledgementNeeded(
            "This is your first signature here. Confirm that it equals your handwritten one; you are asked only once."
        )
    return is_first


def _acknowledge(by: User, role: Role) -> None:
    SignatureAcknowledgement.objects.create(
        statement=attestation.ACKNOWLEDGEMENT,
        statement_version=attestation.ACKNOWLEDGEMENT_VERSION,
        by=by,
        role=role.code,
    )


def _check_password(by: User, password: str, request: HttpRequest | None) -> None:
    """The signer's own password, again at each signing. A wrong one counts like one at sign-in (21 CFR 11.200)."""
    fresh = User.objects.get(pk=by.pk)
    if fresh.must_set_password:
        raise PermissionDenied("Somebody else has set your password. Set one that only you know, then sign.")
    asked, credentials = _attempt(request), {"username": fresh.username}
    if not AxesProxyHandler.is_allowed(asked, credentials):
        raise WrongPassword("Your account is locked after too many wrong passwords. Wait 15 minutes, then sign.")
    if not check_password(password, fresh.password):
        AxesProxyHandler.user_login_failed(sender=sign, credentials=credentials, request=asked)
        raise WrongPassword("This is not your password; nothing was signed. Type it again.")


def _attempt(request: HttpRequest | None) -> HttpRequest:
    """A request that says where an attempt came from, and nothing of what was typed."""
    attempt = HttpRequest()
    if request is not None:
        attempt.META, attempt.path, attempt.method = request.META, request.path, request.method
    return attempt


# --- the forms ---------------------------------------------------------------------------------------------------


def covered(target: Target) -> list[FormRecord]:
    """The forms that a signature of this target would cover, in their order. Deleted ones are not, unless asked for."""
    rows = FormRecord.objects.select_related("visit", "subject", "site").order_by("visit__position", "pk")
    match target:
        case FormRecord():
            return list(rows.filter(pk=target.pk))
        case Visit():
            return list(rows.filter(visit=target, deleted_at=None))
        case _:
            return list(rows.filter(subject=target, deleted_at=None))


def _lock_forms(target: Target, role: Role) -> list[FormRecord]:
    """Hold spine and answers. In the order of their ids, as every save takes its own before anything else."""
    pks = sorted(record.pk for record in covered(target))
    list(FormRecord.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk").values_list("pk"))
    forms = [record for record in covered(target) if record.pk in set(pks) and role.sees(record.crf_code)]
    signed_values.lock(forms)
    hold_if_open(records=forms)
    with connection.cursor() as cursor:  # a lock set meanwhile is seen, one asked for later waits (guards.sql)
        cursor.execute("SELECT pg_advisory_xact_lock_shared(4711, 1)")
    return unsettled(target, forms)


def unsettled(target: Target, forms: list[FormRecord]) -> list[FormRecord]:
    """Without what is signed and locked already: a signature of visit or casebook leaves that as it is."""
    settled: set[int] = set() if isinstance(target, FormRecord) else signatures.settled(forms)
    return [record for record in forms if record.pk not in settled]


def check_can_be_signed(target: Target, forms: list[FormRecord], by: User) -> None:
    """Raise WrongState, with what stands in the way, unless these forms can be signed as they stand.

    Open queries do not: whoever signs is shown that they are there.
    """
    if not forms:
        raise WrongState("There is nothing here to sign: no form is entered, or all are signed and locked.")
    if gone := [record for record in forms if record.deleted_at is not None]:
        raise WrongState(f"{_names(gone)} was deleted; a deleted form is not signed.")
    if started := [record for record in forms if record.state != RecordState.COMPLETE]:
        raise WrongState(
            f"Not complete yet: {_names(started)}. Enter what is missing, or why it is missing; then sign."
        )
    if locked := signatures.locked(forms):
        names = _names(record for record in forms if record.pk in locked)
        raise WrongState(f"Locked: {names}. A locked form is not signed anew; ask a data manager to unlock it.")
    if signatures.signed_by(by, _scope(target), forms):
        raise WrongState("You have signed this already, and nothing has changed since.")


def _check_shown(target: Target, forms: list[FormRecord], expected: Mapping[int, int]) -> None:
    """What is signed is what was seen: every form, in the version that was shown."""
    for record in forms:
        if record.pk not in expected:
            raise WrongState(
                f"{signed_values.name(record)} was not on the page that you signed. Look at it first, then sign."
            )
        if expected[record.pk] != record.version:
            raise WrongState(
                f"{signed_values.name(record)} was changed after you opened this page. Look at it again, then sign."
            )
    if gone := set(expected) - {record.pk for record in covered(target)}:
        subject_id = target.pk if isinstance(target, Subject) else target.subject_id
        names = _names(FormRecord.objects.filter(pk__in=gone, subject_id=subject_id).select_related("visit"))
        raise WrongState(f"{names or 'A form'} is no longer here. Look at the page again, then sign.")


def _names(records: Iterable[FormRecord]) -> str:
    names = [signed_values.name(record) for record in records]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _scope(target: Target) -> SignatureScope:
    match target:
        case FormRecord():
            return SignatureScope.FORM
        case Visit():
            return SignatureScope.VISIT
        case _:
            return SignatureScope.CASEBOOK


def _write(target: Target, forms: list[FormRecord], by: User, role: Role, meaning: str) -> Signature:
    contents = signed_values.current(forms)
    signature = Signature.objects.create(
        scope=_scope(target),
        subject_id=forms[0].subject_id,
        site=target.site,
        visit=target if isinstance(target, Visit) else None,
        printed_name=by.full_name,
        meaning=attestation.MEANINGS[meaning],
        statement=attestation.statement(meaning),
        statement_version=attestation.STATEMENT_VERSION,
        time_zone=target.site.time_zone,
        by=by,
        role=role.code,
    )
    SignedForm.objects.bulk_create(
        SignedForm(
            signature=signature,
            record=record,
            version=record.version,
            history_id=contents[record.pk].history_id,
            sha256=signed_values.fingerprint(record, record.version, contents[record.pk]),
        )
        for record in forms
    )
    signature.refresh_from_db(fields=["at"])  # the database's time
    return signature


# --- delegation --------------------------------------------------------------------------------------------------


def delegate(*, user: User, site: Site, by: User, starts_on: date, ends_on: date | None = None) -> Delegation:
    """Let somebody whose role signs as far as it is delegated sign at this site, from a day until a day (included).

    Raises PermissionDenied unless `by` delegates here, and to oneself; WrongDelegation for a person without such a
    role, for days past or in the wrong order; WrongState where the person has one for these days already.
    """
    role = access.role_for(by, Permission.DELEGATE, site.pk)
    if user.pk == by.pk:
        raise PermissionDenied("Nobody delegates signing to oneself.")
    if user not in delegates(site):
        raise WrongDelegation(f"{user.full_name} has no role at {site.number} that signs by delegation.")
    _check_days(site, starts_on, ends_on)
    if doubled := _overlapping(user, site, starts_on, ends_on):
        until = f"until {doubled.ends_on:%d-%b-%Y}" if doubled.ends_on else "without an end"
        raise WrongState(f"{user.full_name} has a delegation from {doubled.starts_on:%d-%b-%Y} {until}. End it first.")
    with history(by=by, role=role.code, site_id=site.pk, reason="Delegation of signing"):
        return Delegation.objects.create(user=user, site=site, starts_on=starts_on, ends_on=ends_on)


def end_delegation(*, delegation: Delegation, by: User, reason: str, on: date | None = None) -> None:
    """Let a delegation end on a day (its last one), today at the earliest; or at once (on: None), the moment is kept.

    Raises PermissionDenied unless `by` delegates at that site; ReasonNeeded; WrongDelegation for another day, and
    where it is over.
    """
    role = access.role_for(by, Permission.DELEGATE, delegation.site_id)
    reason = reasons.check(reason, "Say in a few words why this delegation ends.")
    today = signatures.today_at(delegation.site)
    with history(by=by, role=role.code, site_id=delegation.site_id, reason=reason):
        delegation.refresh_from_db(from_queryset=Delegation.objects.select_for_update())
        _check_goes_on(delegation, today)
        if on is None:
            delegation.ends_on, delegation.ended_at = max(today, delegation.starts_on), Now()
        else:
            _check_last_day(delegation, on, today)
            delegation.ends_on = on
        delegation.save(update_fields=["ends_on", "ended_at"])
    delegation.refresh_from_db(fields=["ended_at"])


def _check_goes_on(delegation: Delegation, today: date) -> None:
    if delegation.ended_at is not None or (delegation.ends_on is not None and delegation.ends_on < today):
        raise WrongDelegation("This delegation has ended already. Reload the page.")


def _check_last_day(delegation: Delegation, on: date, today: date) -> None:
    earliest = max(today, delegation.starts_on)
    if on < earliest or (delegation.ends_on is not None and on > delegation.ends_on):
        latest = f" and {delegation.ends_on:%d-%b-%Y} at the latest" if delegation.ends_on else ""
        raise WrongDelegation(f"The last day can be {earliest:%d-%b-%Y} at the earliest{latest}.")


def delegates(site: Site) -> list[User]:
    """The people whose role at a site signs as far as it is delegated, by name."""
    members = Membership.in_force(signatures.today_at(site)).filter(site=site, user__is_active=True)
    people = {m.user.pk: m.user for m in members.select_related("user") if m.role.signs_if_delegated}
    return sorted(people.values(), key=lambda user: user.full_name)


def _check_days(site: Site, starts_on: date, ends_on: date | None) -> None:
    if starts_on < signatures.today_at(site):
        raise WrongDelegation("A delegation begins today or later; it cannot be given for days past.")
    if ends_on is not None and ends_on < starts_on:
        raise WrongDelegation(f"The last day, {ends_on:%d-%b-%Y}, is before the first, {starts_on:%d-%b-%Y}.")


def _overlapping(user: User, site: Site, starts_on: date, ends_on: date | None) -> Delegation | None:
    same = Delegation.objects.filter(user=user, site=site, task=Delegation.Task.SIGN, ended_at=None)
    return next(
        (
            given
            for given in same.order_by("starts_on")
            if (ends_on is None or given.starts_on <= ends_on) and (given.ends_on is None or given.ends_on >= starts_on)
        ),
        None,
    )
