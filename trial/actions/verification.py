"""Mark items as verified or reviewed, take marks away, plan what is verified. A changed value loses its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trial import access, locks, moments, reasons, verification
from trial.history import history
from trial.lifecycle import WrongState
from trial.models import FormRecord, ReviewKind, ReviewMark, Site, User, VerificationPlan
from trial.permissions import Permission
from trial.roles import Role

VERBS = {ReviewKind.SDV: "verified", ReviewKind.DATA: "reviewed", ReviewKind.MEDICAL: "reviewed medically"}


@dataclass
class _Form:
    """A form that is being marked, held until the end: the items that it asks, and what stands."""

    record: FormRecord
    asked: list[str]
    stands: list[str]


def mark(
    *, record: FormRecord, kind: ReviewKind, by: User, expected_version: int, items: Iterable[str] | None = None
) -> ReviewMark:
    """Mark items of a form (None: all that it asks) as verified or reviewed, in the version that `by` has seen.

    Raises PermissionDenied; locks.Locked on a locked form (a frozen one can be verified); WrongState where somebody
    saved meanwhile, an item is not asked, or all is marked already.
    """
    kind = ReviewKind(kind)
    role = access.role_for(by, verification.PERMISSIONS[kind], record.site_id, record.crf_code)
    with history(by=by, role=role.code, site_id=record.site_id):
        form = _hold(record, kind)
        _check_seen(form.record, expected_version, kind)
        wanted = form.asked if items is None else list(dict.fromkeys(items))
        _check_asked(form, wanted)
        fresh = [item for item in wanted if item not in form.stands]
        if not fresh:
            raise WrongState(f"All of this is {VERBS[kind]} already. Reload the page.")
        return _write(form, kind, by, role, fresh, given=True)


def unmark(
    *, record: FormRecord, kind: ReviewKind, by: User, reason: str, items: Iterable[str] | None = None
) -> ReviewMark:
    """Take marks away (None: all that stand), with the reason. Raises like `mark`, and ReasonNeeded."""
    kind = ReviewKind(kind)
    role = access.role_for(by, verification.PERMISSIONS[kind], record.site_id, record.crf_code)
    reason = reasons.check(reason, "Say why the mark is taken away.")
    with history(by=by, role=role.code, site_id=record.site_id, reason=reason):
        form = _hold(record, kind)
        gone = [item for item in form.stands if items is None or item in set(items)]
        if not gone:
            raise WrongState(f"Nothing of this is {VERBS[kind]}. Reload the page.")
        return _write(form, kind, by, role, gone, given=False, reason=reason)


def set_plan(*, site: Site | None, extent: VerificationPlan.Extent, starts_on: date, by: User) -> VerificationPlan:
    """Plan what is verified at a site (None: at all) from a day on. The newest plan that has begun counts."""
    role = access.role_for(by, Permission.PLAN_VERIFICATION, site.pk if site else None)
    with history(by=by, role=role.code, site_id=site.pk if site else None):
        return VerificationPlan.objects.create(site=site, extent=VerificationPlan.Extent(extent), starts_on=starts_on)


def _hold(record: FormRecord, kind: ReviewKind) -> _Form:
    """The form and its answers, held against every save, and every other change, until the mark is written."""
    held = FormRecord.objects.select_for_update(no_key=True).get(pk=record.pk)  # joined to nobody: see lock_row
    row = held.spec.model.objects.select_for_update(no_key=True).get(pk=held.pk)
    if held.deleted_at is not None:
        raise WrongState("This form was deleted; there is nothing to verify or review.")
    locks.check_not_locked(held, f"Nothing can be {VERBS[kind]} on this form")
    newest = ReviewMark.objects.filter(record=held, kind=kind).order_by("-id").first()
    return _Form(held, verification.asked_items(held, row), list(newest.stands) if newest else [])


def _check_seen(record: FormRecord, version: int, kind: ReviewKind) -> None:
    if record.version != version:
        at = moments.to_wall(record.updated_at, record.time_zone)
        raise WrongState(
            f"{record.updated_by.full_name} saved this form at {at:%H:%M} on {at:%d-%b-%Y}, after you opened it"
            f" (version {record.version}; you saw {version}). Nothing was {VERBS[kind]}: look at what changed first."
        )


def _check_asked(form: _Form, wanted: Iterable[str]) -> None:
    spec = form.record.spec
    for name in wanted:
        if not spec.has_item(name):
            raise WrongState(f"{spec.title} has no item “{name}”.")
        if name not in form.asked:
            raise WrongState(f"{spec.item(name).label} is not asked on this form; there is nothing to verify.")


def _write(
    form: _Form, kind: ReviewKind, by: User, role: Role, items: list[str], *, given: bool, reason: str = ""
) -> ReviewMark:
    after = {*form.stands, *items} if given else set(form.stands) - set(items)
    return ReviewMark.objects.create(
        kind=kind,
        record=form.record,
        given=given,
        items=items,
        stands=[item.name for item in form.record.spec.items if item.name in after],
        whole=set(form.asked) <= after,
        version=form.record.version,
        by=by,
        role=role.code,
        reason=reason,
    )
