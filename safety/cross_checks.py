"""Checks between forms that concern safety.

AE-5x  an adverse event against death, infusion, interruption, temperature and other adverse events
SAE-5x an SAE over elapsed time, and against the adverse event forms; SAE-6x the same item on both (reconciliation)
LB-5x  laboratory against adverse events
40 to 44 are the dated checks that many forms share (`patients.dated_checks`).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from patients import protocol
from patients.dated_checks import after_death, before_birth, outside_visit_window
from safety import derived, grading
from safety.crfs.events import Action, Outcome
from safety.crfs.laboratory import TESTS, LabTest
from trial.checks import CrossCheck, Found, cross_check
from trial.subject_data import Row, SubjectData

REPORT_WITHIN = timedelta(hours=24)
AROUND = timedelta(days=2)
FEVER_ABOVE_C = 38
FEVERS = frozenset({"Fever", "Febrile neutropenia"})
ASKED_FROM_GRADE = 3
NO_TERM = "The event"  # while its term is blank
# An event that says the same as the term which the value proposes.
SAID_BY: dict[str, frozenset[str]] = {
    "Neutrophil count decreased": frozenset({"Febrile neutropenia"}),
    "White blood cell decreased": frozenset({"Neutrophil count decreased", "Febrile neutropenia"}),
}
WINDOW_READS = frozenset({"infusion", "treatment_block"})


def _events(subject: SubjectData) -> Iterator[tuple[str, date | None, date | None, bool]]:
    """Term, onset, end and ongoing of every event, be it on an AE form or on an SAE form alone."""
    for row in subject.rows("adverse_event"):
        yield row.aeterm, row.aestdat, row.aeendat, row.aeongo == "Y"
    for row in subject.rows("serious_adverse_event"):
        yield row.saeterm, row.saestdat, row.saeendat, row.saeongo == "Y"


def _recorded_around(subject: SubjectData, day: date, terms: Iterable[str]) -> bool:
    """Whether an event of these terms is recorded for the day, two days before its onset and after its end included.

    An event without an end that is not ongoing is taken as one of its onset day.
    """
    wanted = frozenset(terms)
    for term, onset, end, ongoing in _events(subject):
        if term in wanted and onset is not None:
            last = date.max - AROUND if ongoing else end or onset
            if onset - AROUND <= day <= last + AROUND:
                return True
    return False


def _window(subject: SubjectData) -> derived.CollectionWindow | None:
    blocks = [(row.block, row.ecstdat) for row in subject.rows("treatment_block")]
    return derived.collection_window(protocol.anchors(subject)["infusion_start"], blocks)


# --- adverse event against the subject's other forms ---------------------------------------------------------------


@cross_check(
    "AE-50",
    crf="adverse_event",
    item="aeout",
    reads=["death"],
    message="{term} was fatal, but there is no death form. Enter it, or correct the outcome.",
)
def fatal_ae_without_death(subject: SubjectData) -> Iterator[Found]:
    if not subject.rows("death"):
        for row in subject.rows("adverse_event"):
            if row.aeout == Outcome.FATAL:
                yield Found(row, {"term": row.aeterm or NO_TERM, "outcome": row.aeout})


@cross_check(
    "SAE-50",
    crf="serious_adverse_event",
    item="saeout",
    reads=["death"],
    message="{term} was fatal, but there is no death form. Enter it, or correct the outcome.",
)
def fatal_sae_without_death(subject: SubjectData) -> Iterator[Found]:
    if not subject.rows("death"):
        for row in subject.rows("serious_adverse_event"):
            if row.saeout == Outcome.FATAL:
                yield Found(row, {"term": row.saeterm or NO_TERM, "outcome": row.saeout})


@cross_check(
    "AE-51",
    crf="adverse_event",
    item="aestdat",
    reads=[],
    message="{term} with onset on {onset} is entered twice. If it is one event, delete one form.",
)
def duplicate_ae(subject: SubjectData) -> Iterator[Found]:
    for _, row in _pairs(subject.rows("adverse_event"), _same_event):
        yield Found(row, {"term": _name(row), "onset": row.aestdat})


@cross_check(
    "AE-52",
    crf="adverse_event",
    item="aestdat",
    reads=[],
    message="{term} of grade {grade} with onset on {onset} overlaps the episode from {other}. One episode or two?",
)
def overlapping_ae(subject: SubjectData) -> Iterator[Found]:
    """Episodes of different grades may overlap: the grade rose or fell."""
    for earlier, row in _pairs(subject.rows("adverse_event"), _overlapping):
        yield Found(row, {"term": _name(row), "grade": row.aetoxgr, "onset": row.aestdat, "other": earlier.aestdat})


def _pairs(rows: Iterable[Row], alike: Callable[[Row, Row], bool]) -> Iterator[tuple[Row, Row]]:
    """Each row that is like one before it, with the first such."""
    seen: list[Row] = []
    for row in rows:
        earlier = next((other for other in seen if alike(other, row)), None)
        if earlier is not None:
            yield earlier, row
        seen.append(row)


def _same_term(first: Row, second: Row) -> bool:
    return first.aeterm is not None and _key(first) == _key(second)


def _same_event(first: Row, second: Row) -> bool:
    return _same_term(first, second) and first.aestdat is not None and first.aestdat == second.aestdat


def _overlapping(first: Row, second: Row) -> bool:
    if not _same_term(first, second) or first.aetoxgr != second.aetoxgr or None in (first.aestdat, second.aestdat):
        return False
    earlier, later = sorted((first, second), key=lambda row: row.aestdat)
    return earlier.aestdat < later.aestdat <= _last_day(earlier)


def _last_day(row: Row) -> date:
    return date.max if row.aeongo == "Y" else row.aeendat or row.aestdat


def _key(row: Row) -> tuple[str, str]:
    return row.aeterm, " ".join((row.aespec or "").casefold().split())


def _name(row: Row) -> str | None:
    return derived.event_name(row.aeterm, row.aespec)


# --- adverse event against the infusion ----------------------------------------------------------------------------


@cross_check(
    "AE-53",
    crf="adverse_event",
    item="aeacn",
    reads=["interruption"],
    message="The infusion was interrupted for {term}, but no interruption form links this event.",
)
def interrupted_without_interruption(subject: SubjectData) -> Iterator[Found]:
    linked = {row.ae for row in subject.rows("interruption")}
    for row in subject.rows("adverse_event"):
        if row.aeacn == Action.INTERRUPTED and row.record_id not in linked:
            yield Found(row, {"term": _name(row), "action": row.aeacn})


@cross_check(
    "AE-54",
    crf="interruption",
    item="ae",
    reads=["adverse_event"],
    message="The linked event ({term}) names the action {action}, not an interruption. Correct the one or the other.",
)
def interruption_for_event_of_other_action(subject: SubjectData) -> Iterator[Found]:
    for row, event in _linked_events(subject, "interruption"):
        # An infusion that was interrupted and then stopped for good is withdrawn: the last action counts.
        if event.aeacn not in (None, Action.INTERRUPTED, Action.WITHDRAWN):
            yield Found(row, {"term": _name(event), "action": event.aeacn})


@cross_check(
    "AE-55",
    crf="interruption",
    item="ae",
    reads=["adverse_event"],
    message="The linked form is no adverse event, or was deleted. Link the event for which the infusion was stopped.",
)
def interruption_linked_to_other_form(subject: SubjectData) -> Iterator[Found]:
    yield from _links_elsewhere(subject, "interruption")


@cross_check(
    "AE-56",
    crf="interruption",
    item="intstdtc",
    reads=["adverse_event"],
    message="The infusion was stopped on {stop}, before the onset of the linked event on {onset}. Check both.",
)
def interruption_before_its_event(subject: SubjectData) -> Iterator[Found]:
    for row, event in _linked_events(subject, "interruption"):
        if row.intstdtc and event.aestdat and row.intstdtc.date() < event.aestdat:
            yield Found(row, {"stop": row.intstdtc, "onset": event.aestdat})


@cross_check(
    "AE-57",
    crf="adverse_event",
    item="aeacn",
    reads=["infusion"],
    message="Blinatumomab was stopped for good for {term}, but the infusion form says that it stopped for {reason}.",
)
def withdrawn_against_stop_reason(subject: SubjectData) -> Iterator[Found]:
    infusion = subject.first("infusion")
    reason = infusion.stop_reason if infusion else None
    for row in subject.rows("adverse_event"):
        # A fatal event also stops the infusion by death.
        if row.aeacn == Action.WITHDRAWN and reason not in (None, "TOXICITY", "DEATH"):
            yield Found(row, {"term": _name(row), "reason": reason})


@cross_check(
    "AE-58",
    crf="infusion",
    item="stop_reason",
    reads=["adverse_event"],
    message="The infusion was stopped for toxicity, but no adverse event has the action “stopped for good”.",
)
def stopped_for_toxicity_without_event(subject: SubjectData) -> Iterator[Found]:
    infusion = subject.first("infusion")
    if infusion and infusion.stop_reason == "TOXICITY":
        actions = {row.aeacn for row in subject.rows("adverse_event")}
        if Action.WITHDRAWN not in actions:
            yield Found(infusion, {"reason": infusion.stop_reason})


def _linked_events(subject: SubjectData, crf: str) -> Iterator[tuple[Row, Row]]:
    """Each row of a form that links an adverse event, with that event."""
    for row in subject.rows(crf):
        event = _event_of(subject, row)
        if event is not None:
            yield row, event


def _event_of(subject: SubjectData, row: Row) -> Row | None:
    return next((event for event in subject.rows("adverse_event") if event.record_id == row.ae), None)


def _links_elsewhere(subject: SubjectData, crf: str) -> Iterator[Found]:
    """A link to a deleted event is such a link, too."""
    for row in subject.rows(crf):
        if row.ae is not None and _event_of(subject, row) is None:
            yield Found(row, {"ae": row.ae})


# --- SAE: elapsed time, and reconciliation with its adverse event --------------------------------------------------


@cross_check(
    "SAE-51",
    crf="serious_adverse_event",
    item="reportdtc",
    reads=[],
    message="Reported on {reported}, {hours} hours after the site knew of it: later than 24 hours. Say why.",
)
def reported_late(subject: SubjectData) -> Iterator[Found]:
    for row, elapsed in _times_to_report(subject):
        if elapsed > REPORT_WITHIN:
            yield Found(row, {"reported": row.reportdtc, "hours": _hours(elapsed)})


@cross_check(
    "SAE-52",
    crf="serious_adverse_event",
    item="reportdtc",
    reads=[],
    message="Reported on {reported}, before the site knew of it on {aware}. Check both times.",
)
def reported_before_awareness(subject: SubjectData) -> Iterator[Found]:
    for row, elapsed in _times_to_report(subject):
        if elapsed < timedelta(0):
            yield Found(row, {"reported": row.reportdtc, "aware": row.awaredtc})


def _times_to_report(subject: SubjectData) -> Iterator[tuple[Row, timedelta]]:
    """Elapsed time, not the difference of two wall clocks: a night in spring is an hour short."""
    for row in subject.rows("serious_adverse_event"):
        aware, reported = row.moment("awaredtc"), row.moment("reportdtc")
        if aware is not None and reported is not None:
            yield row, reported - aware


def _hours(elapsed: timedelta) -> str:
    return f"{elapsed / timedelta(hours=1):.4g}"


@cross_check(
    "SAE-53",
    crf="serious_adverse_event",
    item="ae",
    reads=["adverse_event"],
    message="The linked form is no adverse event, or was deleted. Link the adverse event form, or none.",
)
def sae_linked_to_other_form(subject: SubjectData) -> Iterator[Found]:
    yield from _links_elsewhere(subject, "serious_adverse_event")


@cross_check(
    "SAE-54",
    crf="adverse_event",
    item="aeser",
    reads=["serious_adverse_event"],
    message="{term} is serious, but no SAE form links it. Enter the SAE form, or correct “serious”.",
)
def serious_without_sae(subject: SubjectData) -> Iterator[Found]:
    linked = {row.ae for row in subject.rows("serious_adverse_event")}
    for row in subject.rows("adverse_event"):
        if row.aeser == "Y" and row.record_id not in linked:
            yield Found(row, {"term": _name(row) or NO_TERM, "serious": row.aeser})


@cross_check(
    "SAE-55",
    crf="adverse_event",
    item="aeser",
    reads=["serious_adverse_event"],
    message="{term} is not serious, but an SAE form links it. Correct the one or the other.",
)
def sae_of_event_not_serious(subject: SubjectData) -> Iterator[Found]:
    linked = {row.ae for row in subject.rows("serious_adverse_event")}
    for row in subject.rows("adverse_event"):
        if row.aeser == "N" and row.record_id in linked:
            yield Found(row, {"term": _name(row) or NO_TERM, "serious": row.aeser})


@cross_check(
    "SAE-56",
    crf="serious_adverse_event",
    item="ae",
    reads=["adverse_event"],
    message="An adverse event form has the same term and onset ({term}, {onset}), but is not linked. Is it the same?",
)
def unlinked_although_recorded(subject: SubjectData) -> Iterator[Found]:
    recorded = {(row.aeterm, row.aestdat) for row in subject.rows("adverse_event")}
    for row in subject.rows("serious_adverse_event"):
        if row.ae is None and row.saeterm and row.saestdat and (row.saeterm, row.saestdat) in recorded:
            yield Found(row, {"term": row.saeterm, "onset": row.saestdat})


def _reconciliation(code: str, name: str, what: str) -> CrossCheck:
    """The check that one item reads the same on an SAE and on its adverse event. name: without its prefix."""

    @cross_check(
        code,
        crf="serious_adverse_event",
        item=f"sae{name}",
        reads=["adverse_event"],
        message=f"{what} is {{sae}} here and {{ae}} on the linked adverse event. Make them agree, or say why they"
        " differ.",
    )
    def differs(subject: SubjectData) -> Iterator[Found]:
        for row, event in _linked_events(subject, "serious_adverse_event"):
            here, there = row.values[f"sae{name}"], event.values[f"ae{name}"]
            if None not in (here, there) and here != there:
                yield Found(row, {"sae": here, "ae": there})

    return differs


RECONCILED = (
    _reconciliation("SAE-60", "rel", "The relation to blinatumomab"),
    _reconciliation("SAE-61", "toxgr", "The grade"),
    _reconciliation("SAE-62", "term", "The term"),
    _reconciliation("SAE-63", "stdat", "The onset"),
    _reconciliation("SAE-64", "endat", "The end"),
    _reconciliation("SAE-65", "acn", "The action taken"),
    _reconciliation("SAE-66", "out", "The outcome"),
)


# --- what was measured, without an event ---------------------------------------------------------------------------


@cross_check(
    "AE-59",
    crf="vital_signs",
    item="temp",
    reads=["adverse_event", "serious_adverse_event"],
    message="Temperature {temp} °C on {day}, but no adverse event Fever or Febrile neutropenia around that day.",
)
def fever_without_event(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("vital_signs"):
        hot = row.temp is not None and row.temp > FEVER_ABOVE_C
        if hot and row.vsdat and not _recorded_around(subject, row.vsdat, FEVERS):
            yield Found(row, {"temp": row.temp, "day": row.vsdat})


@cross_check(
    "LB-50",
    crf="laboratory",
    item="lbdat",
    reads=["adverse_event", "serious_adverse_event", *WINDOW_READS],
    message="{test} {value} {unit} on {day} is grade {grade} of “{term}”, but no such adverse event is recorded"
    " around that day.",
)
def high_grade_without_event(subject: SubjectData) -> Iterator[Found]:
    """Only while adverse events are collected: in later courses cytopenia is the purpose of the treatment."""
    window = _window(subject)
    for row in subject.rows("laboratory"):
        if window and row.lbdat and window.holds(row.lbdat):
            for test in TESTS:
                yield from _unrecorded(subject, row, test)


def _unrecorded(subject: SubjectData, row: Row, test: LabTest) -> Iterator[Found]:
    for proposal in proposals(row, test):
        says_it = {proposal.term, *SAID_BY.get(proposal.term, ())}
        if proposal.grade >= ASKED_FROM_GRADE and not _recorded_around(subject, row.lbdat, says_it):
            values = {
                "test": test.label,
                "value": row.values[test.name],
                "unit": row.values[f"{test.name}_unit"],
                "day": row.lbdat,
                "grade": proposal.grade,
                "term": proposal.term,
            }
            yield Found(row, values, test.name)


def proposals(row: Row, test: LabTest) -> list[grading.Proposal]:
    """The grades that one value of a laboratory form proposes; none without value or unit."""
    value, unit = row.values[test.name], row.values[f"{test.name}_unit"]
    if value is None or not unit:
        return []
    return grading.grades(
        test.testcd, value, unit, lln=row.values[f"{test.name}_lln"], uln=row.values[f"{test.name}_uln"]
    )


DATED = (
    before_birth("AE-40", "adverse_event", "aestdat"),
    after_death("AE-41", "adverse_event", "aestdat"),
    before_birth("SAE-40", "serious_adverse_event", "saestdat"),
    after_death("SAE-41", "serious_adverse_event", "saestdat"),
    before_birth("LB-40", "laboratory", "lbdat"),
    after_death("LB-41", "laboratory", "lbdat"),
    outside_visit_window("LB-44", "laboratory", "lbdat"),
)

CROSS_CHECKS: tuple[CrossCheck, ...] = (
    *DATED,
    fatal_ae_without_death,
    fatal_sae_without_death,
    duplicate_ae,
    overlapping_ae,
    interrupted_without_interruption,
    interruption_for_event_of_other_action,
    interruption_linked_to_other_form,
    interruption_before_its_event,
    withdrawn_against_stop_reason,
    stopped_for_toxicity_without_event,
    reported_late,
    reported_before_awareness,
    sae_linked_to_other_form,
    serious_without_sae,
    sae_of_event_not_serious,
    unlinked_although_recorded,
    *RECONCILED,
    fever_without_event,
    high_grade_without_event,
)
