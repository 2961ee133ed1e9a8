"""The story of one made-up subject: plain values, from a seed. Plainly synthetic: no number here is anybody's.

A story is consistent (each date lies in its visit's window, units and ranges are there, the blocks of treatment follow
each other), so that the checks of the pages find nothing in it but what the generator plants.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from patients import criteria, exposure, protocol, risk
from safety.crfs.laboratory import TESTS
from trial import visit_schedule
from trial.lifecycle import SubjectState
from trial.visit_schedule import Planned

YEARS = 8
LEFT_OUT = 0.03  # forms that are due and were forgotten
FAILED = 0.08  # of those screened
# Test -> unit, a usual value, how far it lies about that, lower and upper limit of normal.
LABORATORY = {
    "hgb": ("g/L", 110, 12, 105, 140),
    "wbc": ("10^9/L", 8, 2, 5, 15),
    "neut": ("10^9/L", 3, 1, 1, 7),
    "plat": ("10^9/L", 300, 70, 180, 450),
    "alt": ("U/L", 30, 10, 5, 50),
    "ast": ("U/L", 35, 10, 5, 60),
    "ggt": ("U/L", 25, 10, 5, 50),
    "bili": ("umol/L", 8, 3, 2, 20),
    "creat": ("umol/L", 20, 5, 10, 40),
    "alb": ("g/L", 40, 3, 35, 50),
}
MRD_TIME_POINTS = {
    "screening": "EOI",
    "day_15": "D15",
    "day_29": "D29",
    "before_marma": "MARMA",
    "before_octadad": "OCTADAD",
    "before_maintenance": "MAINT",
}
TERMS = ("Vomiting", "Cough", "Rash maculo-papular", "Constipation", "Diarrhea", "Nausea")


@dataclass(eq=False)
class Form:
    """One form and the day of its data. A value that is another `Form` is a link to it."""

    crf: str
    visit: str | None
    day: date
    values: dict[str, Any]
    sequence: int = 1

    @property
    def items(self) -> int:
        return sum(value is not None for value in self.values.values())


@dataclass(frozen=True)
class Anchors:
    """The days on which a subject's treatment hangs; those after `until` have not come yet."""

    consent: date
    until: date

    @property
    def enrolment(self) -> date:
        return self.consent + timedelta(days=3)

    @property
    def start(self) -> date:
        return self.consent + timedelta(days=7)

    @property
    def end(self) -> date:
        return self.start + timedelta(days=exposure.PLANNED_DAYS)

    @property
    def blocks(self) -> tuple[tuple[str, date, date], ...]:
        """Block, first and last day."""
        marma, octadad, maintenance = (self.end + timedelta(days=days) for days in (7, 70, 140))
        return (
            ("INDUCTION", self.consent - timedelta(days=35), self.consent - timedelta(days=2)),
            ("BLINATUMOMAB", self.start, self.end),
            ("MARMA", marma, octadad - timedelta(days=7)),
            ("OCTADAD", octadad, maintenance - timedelta(days=7)),
            ("MAINTENANCE", maintenance, maintenance + timedelta(days=550)),
        )

    def known(self) -> dict[str, date | None]:
        """The anchors of the visit schedule as the forms tell them today."""
        starts = {block: first for block, first, _ in self.blocks}
        days = {
            "enrolment": self.enrolment,
            "infusion_start": self.start,
            "infusion_end": self.end,
            "marma_start": starts["MARMA"],
            "octadad_start": starts["OCTADAD"],
            "maintenance_start": starts["MAINTENANCE"],
        }
        known: dict[str, date | None] = {name: day if day <= self.until else None for name, day in days.items()}
        if self.start <= self.until:  # the planned end, while the infusion runs
            known["infusion_end"] = self.end
        return known


@dataclass
class Story:
    """One subject: where it stands, its visits' dates and its forms, in the order in which they were entered."""

    state: SubjectState
    entered_on: date | None
    consent: date
    visits: dict[str, Planned]
    forms: list[Form] = field(default_factory=list)

    @property
    def items(self) -> int:
        return sum(form.items for form in self.forms)

    def add(self, crf: str, day: date, visit: str | None = None, **values: Any) -> Form:
        """Enter a form; one without a visit is the next row of its log."""
        sequence = 1 if visit else 1 + sum(form.crf == crf and not form.visit for form in self.forms)
        form = Form(crf, visit, day, values, sequence)
        self.forms.append(form)
        return form


def tell(random: Random, *, consent: date, until: date, zone: str) -> Story:
    """One subject's story from the consent to the day `until`, whose wall clock is that of `zone`."""
    days = Anchors(consent, until)
    fails = random.random() < FAILED
    enrolled = not fails and days.enrolment <= until
    known = days.known() if enrolled else {}
    story = Story(
        state=SubjectState.SCREEN_FAILED if fails else SubjectState.ENROLLED if enrolled else SubjectState.SCREENING,
        entered_on=days.enrolment if enrolled else None,
        consent=consent,
        visits={visit.code: visit_schedule.plan(visit, known) for visit in protocol.SCHEDULE},
    )
    story.add(
        "consent", consent, icdat=consent, icver=protocol.consent_version_in_force(consent) or "1.0", ickind="FIRST"
    )
    if fails:
        _fail(story, random)
    elif enrolled:
        _enrol(story, days, random)
        _treat(story, days, random, zone)
        _visit(story, days, random)
    return story


def _fail(story: Story, random: Random) -> None:
    unmet = random.choice(criteria.CRITERIA)
    answers = {c.code: "N" if c is unmet else "Y" for c in criteria.CRITERIA}
    story.add(
        "screening",
        story.consent,
        "screening",
        **answers,
        eligible="N",
        failure_reason="A made-up criterion is not met",
        enrolled="N",
    )


def _enrol(story: Story, days: Anchors, random: Random) -> None:
    answers = {c.code: "Y" for c in criteria.CRITERIA}
    story.add("screening", days.enrolment, "screening", **answers, eligible="Y", enrolled="Y", enroldat=days.enrolment)
    diagnosis = days.blocks[0][1]
    age = random.randint(30, 330)
    count, poor = Decimal(random.randint(20, 600)), random.random() < 0.25
    story.add(
        "baseline",
        diagnosis,
        "screening",
        brthdat=diagnosis - timedelta(days=age),
        sex=random.choice("MF"),
        diagdat=diagnosis,
        wbc=count,
        cns=random.choice(("CNS1", "CNS2", "CNS3")),
        kmt2a_partner=random.choice(("AFF1", "MLLT1", "MLLT3")),
        predresp="POOR" if poor else "GOOD",
        riskgrp=risk.risk_group(age_days=age, wbc=count, poor_response=poor),
    )
    story.add(
        "end_of_induction",
        days.consent,
        "screening",
        eoidat=days.consent,
        blast_pct=Decimal(random.randint(0, 240)) / 10,
        eoi_cns="N",
    )


def _treat(story: Story, days: Anchors, random: Random, zone: str) -> None:
    for block, first, last in days.blocks:
        if first <= days.until:
            ended = last <= days.until
            story.add(
                "treatment_block",
                first,
                block=block,
                ecstdat=first,
                econgo="N" if ended else "Y",
                ecendat=last if ended else None,
                as_protocol="Y",
            )
    if days.start <= days.until:
        _infuse(story, days, random, zone)


def _infuse(story: Story, days: Anchors, random: Random, zone: str) -> None:
    weight, height = Decimal(random.randint(55, 95)) / 10, Decimal(random.randint(58, 75))
    surface = exposure.bsa_m2(weight_kg=weight, height_cm=height).quantize(Decimal("0.01"))
    ended = days.end <= days.until
    story.add(
        "infusion",
        days.start,
        "day_1",
        exstdtc=_moment(days.start, time(10), zone),
        weight=weight,
        height=height,
        bsa=surface,
        planned_dose=exposure.FULL_DOSE_UG_M2_DAY,
        dexdtc=_moment(days.start, time(9, 30), zone),
        dex_mg=(surface * 5).quantize(Decimal("0.01")),
        itdat=days.start + timedelta(days=14) if days.start + timedelta(days=14) <= days.until else None,
        exongo="N" if ended else "Y",
        exendtc=_moment(days.end, time(11), zone) if ended else None,
        stop_reason="COMPLETED" if ended else None,
    )


def _moment(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def _visit(story: Story, days: Anchors, random: Random) -> None:
    """The forms of each visit that has come, but for those forgotten."""
    entered_here = {"vital_signs": _vital_signs, "neurological": _neurological, "laboratory": _laboratory}
    for visit in protocol.SCHEDULE:
        day = story.visits[visit.code].target
        if day is None or day > days.until:
            continue
        for crf in visit.forms:
            if random.random() < LEFT_OUT:
                continue
            if crf in entered_here:
                entered_here[crf](story, visit.code, day, random)
            elif crf == "mrd_sample":
                _mrd(story, visit.code, day, random)
            elif crf == "follow_up":
                story.add("follow_up", day, visit.code, fudat=day, alive="Y", remission="Y")


def _vital_signs(story: Story, visit: str, day: date, random: Random) -> None:
    infusion = next((form for form in story.forms if form.crf == "infusion"), None)
    story.add(
        "vital_signs",
        day,
        visit,
        vsdat=day,
        temp=Decimal(random.randint(362, 376)) / 10,
        sysbp=random.randint(75, 110),
        diabp=random.randint(35, 65),
        hr=random.randint(95, 160),
        weight=infusion.values["weight"] if infusion else Decimal("7.00"),
    )


def _neurological(story: Story, visit: str, day: date, random: Random) -> None:
    story.add("neurological", day, visit, neudat=day, seizure="N", encephalopathy="N", neuro_other="N")


def _laboratory(story: Story, visit: str, day: date, random: Random) -> None:
    values: dict[str, Any] = {"lbdat": day, "lbnam": "Made-up laboratory"}
    for test in TESTS:
        unit, usual, about, low, high = LABORATORY[test.name]
        values[test.name] = Decimal(random.randint((usual - about) * 10, (usual + about) * 10)) / 10
        values[f"{test.name}_unit"] = unit
        # Only the limit that the grades need: most laboratories print no lower limit of an enzyme.
        values[f"{test.name}_{test.limit}"] = Decimal(low if test.limit == "lln" else high)
    story.add("laboratory", day, visit, **values)


def _mrd(story: Story, visit: str, day: date, random: Random) -> None:
    sample = story.add("mrd_sample", day, visit, timepoint=MRD_TIME_POINTS[visit], msdat=day, material="BM")
    positive = random.random() < 0.3
    story.add(
        "mrd_result",
        day,
        sample=sample,
        target="KMT2A",
        result="POS" if positive else "NEG",
        value=Decimal(random.randint(2, 900)) / 10_000 if positive else None,
        quant_range=Decimal("0.0001"),
        sensitivity=Decimal("0.00001"),
    )


def events(story: Story, random: Random, until: date) -> Iterator[Form]:
    """Adverse events, one after the other from the first day of blinatumomab; each is entered as it is asked for."""
    onset = story.visits["day_1"].target
    while onset is not None and onset + timedelta(days=8) <= until:
        end = onset + timedelta(days=random.randint(1, 5))
        yield story.add(
            "adverse_event",
            onset,
            aeterm=random.choice(TERMS),
            aetoxgr=random.randint(1, 2),
            aestdat=onset,
            aeongo="N",
            aeendat=end,
            aerel=random.choice(("UNRELATED", "UNLIKELY", "POSSIBLE")),
            aeacn="NONE",
            aeout="RECOVERED",
            aeser="N",
            aeesi="NONE",
            ctcae_version="4.03",
        )
        onset = end + timedelta(days=3)
