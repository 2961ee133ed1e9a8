"""What the small trial of the access matrix holds of signatures and delegations."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.people import PASSWORD, make_user
from tests.trial.signing import enter_vital_signs, shown, sign
from trial import actions, signatures
from trial.actions.signatures import Target
from trial.models import Delegation, FormRecord, Signature, Subject, User


@dataclass(frozen=True)
class Signed:
    """unsigned: a complete form, alone at its visit. deputy: a sub-investigator, who signs until `delegation` ends."""

    unsigned: FormRecord
    signature: Signature
    deputy: User
    delegation: Delegation


def build(subject: Subject, coordinator: User, investigator: User) -> Signed:
    signature = sign(enter_vital_signs(subject, "day_8", coordinator), investigator)
    deputy, today = make_user("sub-investigator", subject.site), signatures.today_at(subject.site)
    delegation = actions.delegate(
        user=deputy, site=subject.site, by=investigator, starts_on=today, ends_on=today + timedelta(days=30)
    )
    return Signed(enter_vital_signs(subject, "day_15", coordinator), signature, deputy, delegation)


def signing(target: Target) -> dict[str, Any]:
    """What the investigator types under this target, for page and API."""
    versions = shown(target)
    return {
        "password": PASSWORD,
        "meaning": "approval",
        "shown": [f"{pk}:{version}" for pk, version in versions.items()],
        "versions": {str(pk): version for pk, version in versions.items()},
    }


def delegating(signed: Signed) -> dict[str, Any]:
    """A delegation after the one that there is."""
    first = (signed.delegation.ends_on or signed.delegation.starts_on) + timedelta(days=1)
    return {"user": signed.deputy.pk, "starts_on": first.isoformat()}


def ending(signed: Signed) -> dict[str, Any]:
    return {"on": signed.delegation.ends_on, "reason": "Moved to another ward"}
