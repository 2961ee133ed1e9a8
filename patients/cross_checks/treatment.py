"""Treatment blocks, transplantations and what deviates from the protocol."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from patients.cross_checks.rows import blocks_of, enrolment_of, events_of, repeated
from trial.checks import CrossCheck, Found, cross_check
from trial.subject_data import SubjectData

CELLULAR = ("HSCT", "CAR-T")


@cross_check(
    "TB-50",
    crf="treatment_block",
    item="ecstdat",
    reads=(),
    message="{block} starts on {start}, before the block that began on {earlier} was over. Check both.",
)
def overlapping_blocks(subject: SubjectData) -> Iterator[Found]:
    for earlier, later in combinations(blocks_of(subject), 2):
        same = (earlier.block, earlier.ecstdat) == (later.block, later.ecstdat)  # a double has its own question
        running = earlier.econgo == "Y" or (earlier.ecendat and later.ecstdat < earlier.ecendat)
        if running and not same:
            yield Found(later, {"block": later.block, "start": later.ecstdat, "earlier": earlier.ecstdat})


@cross_check(
    "TB-51",
    crf="treatment_block",
    item="block",
    reads=(),
    message="{block} from {start} is entered twice. Delete the double, or correct it.",
)
def repeated_block(subject: SubjectData) -> Iterator[Found]:
    for row in repeated(subject.rows("treatment_block"), "block", "ecstdat"):
        yield Found(row, {"block": row.block, "start": row.ecstdat})


@cross_check(
    "TB-52",
    crf="treatment_block",
    item="block",
    reads={"transplantation"},
    message="Block {block} from {start} without its transplantation form. Enter the form.",
)
def block_without_transplantation(subject: SubjectData) -> Iterator[Found]:
    for kind in CELLULAR:
        forms = [row for row in subject.rows("transplantation") if row.trkind == kind]
        for row in blocks_of(subject, kind)[len(forms) :]:
            yield Found(row, {"block": row.block, "start": row.ecstdat})


@cross_check(
    "TB-53",
    crf="treatment_block",
    item="block",
    reads={"transplantation"},
    message="Conditioning from {start} to {end}, but no transplantation or CAR T cells followed. Enter what did.",
)
def conditioning_without_transplantation(subject: SubjectData) -> Iterator[Found]:
    starts = [row.ecstdat for row in blocks_of(subject, *CELLULAR)]
    starts += [row.trdat for row in subject.rows("transplantation") if row.trdat]
    for row in blocks_of(subject, "CONDITIONING"):
        if row.ecendat and not any(start >= row.ecstdat for start in starts):
            yield Found(row, {"start": row.ecstdat, "end": row.ecendat})


@cross_check(
    "TB-54",
    crf="treatment_block",
    item="as_protocol",
    reads={"deviation"},
    message="{block} from {start} was not given as the protocol says, but no deviation is entered. Enter it.",
)
def deviating_block_without_deviation(subject: SubjectData) -> Iterator[Found]:
    deviations = [row.dvstdat for row in subject.rows("deviation") if row.dvstdat]
    for row in blocks_of(subject):
        last = row.ecendat or date.max
        if row.as_protocol == "N" and not any(day <= last for day in deviations):
            yield Found(row, {"block": row.block, "start": row.ecstdat})


@cross_check(
    "DV-50",
    crf="deviation",
    item="dvstdat",
    reads=(),
    message="A deviation of this category on {date} is entered twice. Delete the double, or correct it.",
)
def repeated_deviation(subject: SubjectData) -> Iterator[Found]:
    yield from (Found(row, {"date": row.dvstdat}) for row in repeated(subject.rows("deviation"), "dvcat", "dvstdat"))


@cross_check(
    "DV-51",
    crf="deviation",
    item="dvcat",
    reads={"treatment_block"},
    message="A confirmed deviation of the treatment schedule on {date}, but every block is as the protocol says.",
)
def deviation_without_deviating_block(subject: SubjectData) -> Iterator[Found]:
    blocks = subject.rows("treatment_block")
    if not blocks or any(row.as_protocol != "Y" for row in blocks):
        return
    for row in subject.rows("deviation"):
        if row.dvcat == "TREATMENT_SCHEDULE" and row.dvconf == "Y" and row.dvstdat:
            yield Found(row, {"date": row.dvstdat})


@cross_check(
    "TX-50",
    crf="transplantation",
    item="trkind",
    reads={"treatment_block"},
    message="{kind} on {date} without its treatment block. Enter the block.",
)
def transplantation_without_block(subject: SubjectData) -> Iterator[Found]:
    for kind in CELLULAR:
        forms = sorted(
            (row for row in subject.rows("transplantation") if row.trkind == kind and row.trdat),
            key=lambda row: row.trdat,
        )
        for row in forms[len(blocks_of(subject, kind)) :]:
            yield Found(row, {"kind": row.trkind, "date": row.trdat})


@cross_check(
    "TX-51",
    crf="transplantation",
    item="trdat",
    reads={"treatment_block"},
    message="{kind} on {date}, but the linked block is {block} from {start}. Check date and link.",
)
def transplantation_outside_its_block(subject: SubjectData) -> Iterator[Found]:
    for row in subject.rows("transplantation"):
        block = subject.row(row.block) if row.block else None
        if not block or block.crf != "treatment_block" or not row.trdat or not block.ecstdat:
            continue
        last = block.ecendat or date.max
        if block.block != row.trkind or not block.ecstdat <= row.trdat <= last:
            shown = {"kind": row.trkind, "date": row.trdat, "block": block.block, "start": block.ecstdat}
            yield Found(row, shown)


@cross_check(
    "TX-52",
    crf="transplantation",
    item="remission",
    reads={"disease_event"},
    message="Remission {remission} on {date} does not go with {relapses} relapses before. Check both.",
)
def remission_contradicts_relapses(subject: SubjectData) -> Iterator[Found]:
    expected = {"CR1": range(1), "CR2": range(1, 2), "CR3": range(2, 100)}
    for row in subject.rows("transplantation"):
        if not row.trdat or row.remission not in expected:
            continue
        relapses = len([event for event in events_of(subject, "RELAPSE") if event.dedat <= row.trdat])
        if relapses not in expected[row.remission]:
            yield Found(row, {"remission": row.remission, "date": row.trdat, "relapses": relapses})


@cross_check(
    "TX-53",
    crf="transplantation",
    item="trdat",
    reads=(),
    message="{kind} on {date} is entered twice. Delete the double, or correct it.",
)
def repeated_transplantation(subject: SubjectData) -> Iterator[Found]:
    for row in repeated(subject.rows("transplantation"), "trkind", "trdat"):
        yield Found(row, {"kind": row.trkind, "date": row.trdat})


@cross_check(
    "TX-54",
    crf="transplantation",
    item="trdat",
    reads={"screening"},
    message="{kind} on {date}, before enrolment on {enrolment}. Check both.",
)
def transplantation_before_enrolment(subject: SubjectData) -> Iterator[Found]:
    enrolment = enrolment_of(subject)
    for row in subject.rows("transplantation"):
        if enrolment and row.trdat and row.trdat < enrolment:
            yield Found(row, {"kind": row.trkind, "date": row.trdat, "enrolment": enrolment})


CHECKS: tuple[CrossCheck, ...] = (
    overlapping_blocks,
    repeated_block,
    block_without_transplantation,
    conditioning_without_transplantation,
    deviating_block_without_deviation,
    repeated_deviation,
    deviation_without_deviating_block,
    transplantation_without_block,
    transplantation_outside_its_block,
    remission_contradicts_relapses,
    repeated_transplantation,
    transplantation_before_enrolment,
)
