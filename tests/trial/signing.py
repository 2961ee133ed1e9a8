"""Signing in tests: as a person who has read the page does it."""

from datetime import date
from typing import Any

from tests.people import PASSWORD, VITAL_SIGNS, make_user
from trial import actions
from trial.actions.signatures import Target, covered
from trial.history import history
from trial.models import Delegation, FormRecord, Signature, Site, Subject, User


def shown(target: Target) -> dict[int, int]:
    """What a signing page shows of this target: record id -> version."""
    return {record.pk: record.version for record in covered(target)}


def sign(target: Target, by: User, **options: Any) -> Signature:
    """Sign with the right password what stands now, acknowledging where asked."""
    given = {"password": PASSWORD, "expected": shown(target), "acknowledged": True} | options
    return actions.sign(target=target, by=by, **given)


def enter_vital_signs(subject: Subject, visit: str, by: User, **values: Any) -> FormRecord:
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code=visit))
    return actions.save_form(record=record, values={**VITAL_SIGNS, **values}, by=by).record


def sub_investigator(site: Site, username: str = "sub-investigator") -> User:
    return make_user("sub-investigator", site, username)


def delegation(user: User, site: Site, by: User, starts_on: date, ends_on: date | None) -> Delegation:
    """A delegation of any days, past ones too: the action gives none backwards."""
    with history(by=by, role="investigator", site_id=site.pk):
        return Delegation.objects.create(user=user, site=site, starts_on=starts_on, ends_on=ends_on)
