"""The demo's verification: a plan for all sites, and what the monitor and the data manager have done of S001."""

from datetime import date

from trial.actions.verification import mark, set_plan
from trial.models import FormRecord, ReviewKind, User, VerificationPlan

SUBJECT = "S001"
VERIFIED_VISITS = ("screening", "day_1", "day_8")


def plan_and_verify() -> None:
    """Once, in a trial just loaded, in the name of its demo accounts. A later correction lets a mark fall."""
    monitor, manager = (User.objects.get(username=name) for name in ("monitor", "data-manager"))
    set_plan(site=None, extent=VerificationPlan.Extent.END_POINTS, starts_on=date(2018, 1, 1), by=manager)
    forms = FormRecord.objects.filter(subject__number=SUBJECT, visit__code__in=VERIFIED_VISITS, deleted_at=None)
    for record in forms.select_related("site", "visit"):
        mark(record=record, kind=ReviewKind.SDV, by=monitor, expected_version=record.version)
        if record.visit is not None and record.visit.code == "screening":
            mark(record=record, kind=ReviewKind.DATA, by=manager, expected_version=record.version)
