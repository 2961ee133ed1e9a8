"""A few signatures in the demo's casebooks, one of them void, and the delegation of the sub-investigator at NL01."""

from reports.demo.people import COMMON
from trial import actions, signatures
from trial.actions.signatures import Target, covered
from trial.models import Site, Subject, User

SUBJECT = "S001"
SIGNED_VISITS = ("screening", "day_1", "day_8")
HEART_RATE = 134  # of day 8, after 136: no check and no figure hangs on it


def delegate_and_sign() -> None:
    """Once, in a trial just loaded, in the name of its demo accounts."""
    investigator = User.objects.get(username="investigator")
    site, deputy = Site.objects.get(number="NL01"), User.objects.get(username="sub-investigator")
    actions.delegate(user=deputy, site=site, by=investigator, starts_on=signatures.today_at(site))
    subject = Subject.objects.select_related("site").get(number=SUBJECT)
    for visit in subject.visits.filter(code__in=SIGNED_VISITS):
        _sign(visit, investigator)
    _correct(subject)


def _sign(target: Target, by: User) -> None:
    shown = {record.pk: record.version for record in covered(target)}
    actions.sign(target=target, by=by, password=COMMON, expected=shown, acknowledged=True)


def _correct(subject: Subject) -> None:
    """One answer of a signed visit: its signature falls, and waits for the investigator."""
    record = subject.records.select_related("site", "visit").get(crf_code="vital_signs", visit__code="day_8")
    actions.save_form(
        record=record,
        values={"hr": HEART_RATE},
        by=User.objects.get(username="site-coordinator"),
        reason="Source document corrected: the ward's chart says 134",
        expected_version=record.version,
    )
