"""Disease events, death, follow-up, the end of the study, other treatment."""

from collections.abc import Iterator
from itertools import pairwise

from patients.cross_checks.rows import enrolment_of, events_of, in_relapse, repeated
from trial.checks import CrossCheck, Found, cross_check
from trial.subject_data import SubjectData


@cross_check(
    "EV-50",
    crf="disease_event",
    item="dedat",
    reads={"screening"},
    message="{event} on {date}, before enrolment on {enrolment}. Check both.",
)
def event_before_enrolment(subject: SubjectData) -> Iterator[Found]:
    enrolment = enrolment_of(subject)
    for row in subject.rows("disease_event"):
        if enrolment and row.dedat and row.dedat < enrolment:
            yield Found(row, {"event": row.deevent, "date": row.dedat, "enrolment": enrolment})


@cross_check(
    "EV-51",
    crf="disease_event",
    item="deevent",
    reads=(),
    message="A second remission on {date} without a relapse before it. Enter the relapse, or correct this.",
)
def remission_without_relapse(subject: SubjectData) -> Iterator[Found]:
    relapses = events_of(subject, "RELAPSE")
    for row in events_of(subject, "SECOND_REMISSION"):
        if not any(relapse.dedat <= row.dedat for relapse in relapses):
            yield Found(row, {"date": row.dedat})


@cross_check(
    "EV-52",
    crf="disease_event",
    item="deevent",
    reads=(),
    message="{event} on {date} is entered twice. Delete the double, or correct it.",
)
def repeated_event(subject: SubjectData) -> Iterator[Found]:
    for row in repeated(subject.rows("disease_event"), "deevent", "dedat"):
        yield Found(row, {"event": row.deevent, "date": row.dedat})


@cross_check(
    "EV-53",
    crf="disease_event",
    item="deevent",
    reads=(),
    message="A relapse on {date}, but no remission since the relapse of {earlier}. Enter it, or correct this.",
)
def relapse_without_remission_between(subject: SubjectData) -> Iterator[Found]:
    events = events_of(subject, "RELAPSE", "SECOND_REMISSION")
    for earlier, later in pairwise(events):
        if earlier.deevent == later.deevent == "RELAPSE" and earlier.dedat != later.dedat:
            yield Found(later, {"date": later.dedat, "earlier": earlier.dedat})


@cross_check(
    "DT-50",
    crf="death",
    item="dthdat",
    reads=(),
    message="There is a death form already, with {first}. Delete the double.",
)
def second_death(subject: SubjectData) -> Iterator[Found]:
    first, *others = subject.rows("death") or (None,)
    yield from (Found(row, {"first": first.dthdat or "no date"}) for row in others if first)


@cross_check(
    "DT-51",
    crf="death",
    item="in_remission",
    reads={"disease_event"},
    message="Died in remission on {date}, but no remission is entered since the last relapse. Check both.",
)
def died_in_remission_after_relapse(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("death"):
        if row.in_remission == "Y" and row.dthdat and in_relapse(subject, row.dthdat):
            yield Found(row, {"date": row.dthdat})


@cross_check(
    "DT-52",
    crf="death",
    item="dthcause",
    reads={"disease_event"},
    message="Cause of death is leukaemia, but no relapse up to {date} is entered. Enter it, or correct the cause.",
)
def died_of_leukaemia_without_relapse(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("death"):
        relapsed = row.dthdat and any(event.dedat <= row.dthdat for event in events_of(subject, "RELAPSE"))
        if row.dthcause == "RELAPSE" and row.dthdat and not relapsed:
            yield Found(row, {"date": row.dthdat})


@cross_check(
    "FU-50",
    crf="follow_up",
    item="alive",
    reads={"death"},
    message="Not alive on {date}, but there is no death form. Enter it.",
)
def dead_without_death_form(subject: SubjectData) -> Iterator[Found]:
    if not subject.rows("death"):
        yield from (Found(row, {"date": row.fudat}) for row in subject.rows("follow_up") if row.alive == "N")


@cross_check(
    "FU-51",
    crf="follow_up",
    item="remission",
    reads={"disease_event"},
    message="In remission {remission} on {date} does not go with the disease events up to then. Check both.",
)
def remission_contradicts_events(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("follow_up"):
        if row.fudat and row.remission and (row.remission == "Y") == in_relapse(subject, row.fudat):
            yield Found(row, {"remission": row.remission, "date": row.fudat})


@cross_check(
    "DS-50",
    crf="disposition",
    item="dsdecod",
    reads=(),
    message="There is an end of the trial already, of {first}. Delete the double.",
)
def second_disposition(subject: SubjectData) -> Iterator[Found]:
    first, *others = subject.rows("disposition") or (None,)
    yield from (Found(row, {"first": first.dsdat or "no date"}) for row in others if first)


@cross_check(
    "DS-51",
    crf="disposition",
    item="dsdecod",
    reads={"death"},
    message="The trial ended by death on {date}, but there is no death form. Enter it.",
)
def ended_by_death_without_death_form(subject: SubjectData) -> Iterator[Found]:
    if not subject.rows("death"):
        yield from (Found(row, {"date": row.dsdat}) for row in subject.rows("disposition") if row.dsdecod == "DEATH")


@cross_check(
    "CM-50",
    crf="concomitant",
    item="cmtrt",
    reads=(),
    message="{treatment} from {start} is entered twice. Delete the double, or correct it.",
)
def repeated_treatment(subject: SubjectData) -> Iterator[Found]:
    rows = [row for row in subject.rows("concomitant") if row.cmtrt != "OTHER"]
    others = [row for row in subject.rows("concomitant") if row.cmtrt == "OTHER"]
    for row in (*repeated(rows, "cmtrt", "cmstdat"), *repeated(others, "cmtrt_other", "cmstdat")):
        yield Found(row, {"treatment": row.cmtrt_other or row.cmtrt, "start": row.cmstdat})


CHECKS: tuple[CrossCheck, ...] = (
    event_before_enrolment,
    remission_without_relapse,
    repeated_event,
    relapse_without_remission_between,
    second_death,
    died_in_remission_after_relapse,
    died_of_leukaemia_without_relapse,
    dead_without_death_form,
    remission_contradicts_events,
    second_disposition,
    ended_by_death_without_death_form,
    repeated_treatment,
)
