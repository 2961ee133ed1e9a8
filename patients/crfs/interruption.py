from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models

from patients import exposure
from trial.checks import Severity, check
from trial.crf import fields
from trial.crf.registry import register
from trial.crf.spec import CrfSpec, Item, Section
from trial.models import Crf, crf_table

SHORT_STOP = timedelta(hours=4)  # a shorter stop goes on at the full dose


class InterruptionReason(models.TextChoices):
    TOXICITY = "TOXICITY", "Adverse event"
    TECHNICAL = "TECHNICAL", "Technical (line, pump, bag)"
    OTHER = "OTHER", "Other"


@crf_table
class Interruption(Crf):
    intstdtc = fields.moment()
    intongo = fields.yes_no()
    intendtc = fields.moment()
    intreason = fields.choice(InterruptionReason)
    intnote = fields.text()
    restart_dose = fields.decimal(5, 2, low=Decimal("0.01"), high=100)
    full_dtc = fields.moment()
    ae = fields.link()


@check(
    "IN-01",
    "intendtc",
    "intstdtc",
    message="The restart on {intendtc} is not after the stop on {intstdtc}.",
    severity=Severity.HARD,
)
def restart_not_after_stop(intendtc: datetime, intstdtc: datetime) -> bool:
    return intendtc <= intstdtc


@check(
    "IN-02",
    "full_dtc",
    "intendtc",
    severity=Severity.HARD,
    message="The full dose on {full_dtc} lies before the restart on {intendtc}.",
)
def full_dose_before_restart(full_dtc: datetime, intendtc: datetime) -> bool:
    return full_dtc < intendtc


@check(
    "IN-03",
    "restart_dose",
    "intstdtc",
    "intendtc",
    "intreason",
    message="Restart dose {restart_dose} µg/m²/day after a stop from {intstdtc} to {intendtc}: the protocol says 5 "
    "after a stop of more than 4 hours for an adverse event.",
)
def restart_dose_not_5(restart_dose: Decimal, intstdtc: datetime, intendtc: datetime, intreason: str) -> bool:
    stopped_long = intendtc - intstdtc > SHORT_STOP and intreason == InterruptionReason.TOXICITY
    return stopped_long and restart_dose != exposure.RESTART_DOSE_UG_M2_DAY


@check("IN-04", "intnote", "intreason", when_missing=True, message="Reason “Other”: say in the note what it was.")
def other_reason_without_note(intnote: str | None, intreason: str | None) -> bool:
    return intreason == InterruptionReason.OTHER and not intnote


@check(
    "IN-05",
    "ae",
    "intreason",
    when_missing=True,
    message="Interrupted for an adverse event, but none is linked. Link the form, or enter it first.",
)
def toxicity_without_linked_event(ae: int | None, intreason: str | None) -> bool:
    return intreason == InterruptionReason.TOXICITY and ae is None


@check(
    "IN-06",
    "full_dtc",
    "restart_dose",
    "intendtc",
    when_missing=True,
    message="Restarted at {restart_dose} µg/m²/day, but a time of the full dose is given and is the restart itself. "
    "Check both.",
)
def full_dose_at_once_with_lower_restart_dose(
    full_dtc: datetime | None, restart_dose: Decimal | None, intendtc: datetime | None
) -> bool:
    lower = restart_dose is not None and restart_dose < exposure.FULL_DOSE_UG_M2_DAY
    return lower and full_dtc is not None and full_dtc == intendtc


register(
    CrfSpec(
        code="interruption",
        title="Infusion interruption",
        model=Interruption,
        log=True,
        sections=[
            Section(
                "Stop",
                Item("intstdtc", "Stopped", cdash="EXENDTC", required=True),
                Item("intreason", "Reason", cdash="EXADJ", required=True),
                Item("intnote", "Note"),
                Item("ae", "Adverse event", links_to=("adverse_event",), help="For which the infusion was stopped."),
            ),
            Section(
                "Restart",
                Item("intongo", "Still stopped", required=True),
                Item("intendtc", "Restarted", cdash="EXSTDTC", required=True, only_if=("intongo", ("N",))),
                Item(
                    "restart_dose",
                    "Restart dose",
                    unit="µg/m²/day",
                    cdash="EXDOSE",
                    required=True,
                    only_if=("intongo", ("N",)),
                    low=5,
                    high=15,
                ),
                Item("full_dtc", "Full dose restored", help="Blank while the restart dose goes on."),
            ),
        ],
        checks=[
            restart_not_after_stop,
            full_dose_before_restart,
            restart_dose_not_5,
            other_reason_without_note,
            toxicity_without_linked_event,
            full_dose_at_once_with_lower_restart_dose,
        ],
        title_items=("intstdtc", "intreason"),
    )
)
