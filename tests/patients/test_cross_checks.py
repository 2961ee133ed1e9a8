"""Checks between forms: one sound subject without a finding, and each check on a subject where one thing is wrong."""

import copy
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from patients.cross_checks import CROSS_CHECKS, DATED, IN_A_WINDOW, STUDY_STEPS
from patients.exposure import FULL_DOSE_UG_M2_DAY, course_of
from tests.patients.subject_rows import at, subject
from trial.checks import Finding, Severity

pytestmark = pytest.mark.requirement("DE-01")

Forms = dict[str, list[dict[str, Any]]]
Change = Callable[[Forms], None]

ACTIVATED = date(2023, 1, 1)
SOUND: Forms = {
    "consent": [
        {"icdat": date(2024, 1, 5), "ickind": "FIRST"},
        {"icdat": date(2024, 3, 1), "ickind": "AGAIN"},
    ],
    "screening": [
        {
            "age_lt_1y": "Y",
            "eoi_blasts_lt_25": "Y",
            "no_cns_involvement_eoi": "Y",
            "eligible": "Y",
            "enrolled": "Y",
            "enroldat": date(2024, 1, 8),
            "visit": "screening",
        }
    ],
    "baseline": [{"brthdat": date(2023, 9, 1), "diagdat": date(2023, 12, 1), "visit": "screening"}],
    "end_of_induction": [
        {"eoidat": date(2024, 1, 7), "blast_pct": Decimal("24.9"), "eoi_cns": "N", "visit": "screening"}
    ],
    "treatment_block": [
        {"block": "BLINATUMOMAB", "ecstdat": date(2024, 1, 10), "ecendat": date(2024, 2, 7), "as_protocol": "Y"},
        {"block": "IB", "ecstdat": date(2024, 2, 7), "ecendat": date(2024, 3, 20), "as_protocol": "N"},
        {"block": "CONDITIONING", "ecstdat": date(2024, 9, 1), "ecendat": date(2024, 9, 8), "as_protocol": "Y"},
        {"block": "HSCT", "ecstdat": date(2024, 9, 9), "ecendat": date(2024, 9, 9), "as_protocol": "Y"},
    ],
    "infusion": [
        {
            "exstdtc": at("2024-01-10 12:00"),
            "exendtc": at("2024-02-07 12:00"),
            "weight": Decimal("6.8"),
            "visit": "day_1",
        }
    ],
    "interruption": [
        {
            "intstdtc": at("2024-01-15 12:00"),
            "intongo": "N",
            "intendtc": at("2024-01-17 12:00"),
            "restart_dose": Decimal(5),
            "full_dtc": at("2024-01-19 12:00"),
        }
    ],
    "dose_change": [{"dcdtc": at("2024-01-25 12:00"), "dcdose": Decimal(10)}],
    "vital_signs": [
        {"vsdat": date(2024, 1, 10), "weight": Decimal("6.5"), "visit": "day_1"},
        {"vsdat": date(2024, 1, 18), "weight": Decimal("7"), "visit": "day_8"},
    ],
    "neurological": [{"neudat": date(2024, 2, 10), "visit": "day_29"}],
    "disease_event": [
        {"deevent": "RELAPSE", "dedat": date(2024, 6, 1)},
        {"deevent": "SECOND_REMISSION", "dedat": date(2024, 7, 1)},
    ],
    "transplantation": [{"trkind": "HSCT", "trdat": date(2024, 9, 9), "remission": "CR2", "block": "HSCT"}],
    "death": [{"dthdat": date(2025, 2, 1), "dthcause": "RELAPSE", "in_remission": "N"}],
    "follow_up": [
        {"fudat": date(2024, 5, 1), "alive": "Y", "remission": "Y", "visit": "fu_03"},
        {"fudat": date(2025, 2, 1), "alive": "N"},
    ],
    "deviation": [{"dvcat": "TREATMENT_SCHEDULE", "dvstdat": date(2024, 2, 7), "dvconf": "Y"}],
    "disposition": [{"dsdat": date(2025, 2, 1), "dsdecod": "DEATH"}],
    "concomitant": [{"cmtrt": "IVIG", "cmstdat": "2024-02"}, {"cmtrt": "IVIG", "cmstdat": "2024-03"}],
}


def put(crf: str, index: int = 0, **values: Any) -> Change:
    """Other answers in one row."""
    return lambda forms: forms[crf][index].update(values)


def add(crf: str, **values: Any) -> Change:
    """One more row."""
    return lambda forms: forms[crf].append(values)


def double(crf: str) -> Change:
    """The first row once more."""
    return lambda forms: forms[crf].append(dict(forms[crf][0]))


def drop(*crfs: str) -> Change:
    """No row of these CRFs."""

    def change(forms: Forms) -> None:
        for crf in crfs:
            del forms[crf]

    return change


def found(*changes: Change) -> list[Finding]:
    forms = copy.deepcopy(SOUND)
    for change in changes:
        change(forms)
    _link_block(forms)
    data = subject(site_activated_on=ACTIVATED, **forms)
    return [finding for check in CROSS_CHECKS for finding in check.run(data)]


def _link_block(forms: Forms) -> None:
    """A transplantation names its block by kind here, and by record id in the rows."""
    before = sum(len(rows) for crf, rows in list(forms.items())[: list(forms).index("treatment_block")])
    ids = {row["block"]: before + position for position, row in enumerate(forms["treatment_block"], start=1)}
    for row in forms.get("transplantation", ()):
        row["block"] = ids.get(row.get("block") or "")


def codes(*changes: Change) -> set[str]:
    return {finding.code for finding in found(*changes)}


def test_a_sound_subject_has_no_finding() -> None:
    assert found() == []


def test_a_subject_without_any_form_has_no_finding() -> None:
    assert [finding for check in CROSS_CHECKS for finding in check.run(subject())] == []


def test_rows_without_an_answer_have_no_finding_but_what_stays_open_elsewhere() -> None:
    blank: Forms = {crf: [{}, {}] for crf in SOUND}
    empty = subject(site_activated_on=ACTIVATED, **blank)
    # Two forms that can stand only once are double, however empty.
    assert {finding.code for check in CROSS_CHECKS for finding in check.run(empty)} == {"DT-50", "DS-50"}


LATE_RELAPSE = add("disease_event", deevent="RELAPSE", dedat=date(2025, 1, 9))
OWN = [
    ("IC-50", "icdat", [put("consent", icdat=date(2022, 12, 31))]),
    ("IC-51", "icdat", [put("consent", icdat=date(2024, 1, 9)), put("screening", enroldat=date(2024, 1, 8))]),
    ("IC-51", "icdat", [put("consent", icdat=date(2024, 1, 11)), put("screening", enroldat=date(2024, 1, 11))]),
    ("IC-52", "ickind", [put("consent", 1, ickind="FIRST")]),
    ("IC-53", "icdat", [put("consent", 1, icdat=date(2024, 1, 4))]),
    ("EL-43", "enroldat", [drop("consent")]),
    ("BI-43", "exstdtc", [drop("consent")]),
    ("DC-43", "dcdtc", [drop("consent")]),
    ("IN-43", "intstdtc", [drop("consent")]),
    ("NE-43", "neudat", [drop("consent")]),
    ("EL-50", "eoi_blasts_lt_25", [put("end_of_induction", blast_pct=Decimal(25))]),
    ("EL-50", "eoi_blasts_lt_25", [put("screening", eoi_blasts_lt_25="N")]),
    ("EL-51", "no_cns_involvement_eoi", [put("end_of_induction", eoi_cns="Y")]),
    ("EL-52", "age_lt_1y", [put("baseline", brthdat=date(2022, 12, 1))]),
    ("EL-52", "age_lt_1y", [put("screening", age_lt_1y="N")]),
    ("EL-53", "enroldat", [put("baseline", diagdat=date(2024, 1, 9))]),
    ("EI-50", "blast_pct", [put("end_of_induction", blast_pct=Decimal(25))]),
    ("EI-51", "eoidat", [put("baseline", diagdat=date(2024, 1, 8))]),
    ("BI-45", "exstdtc", [put("screening", eligible="N")]),
    ("BI-45", "exstdtc", [put("screening", eligible=None)]),
    ("BI-45", "exstdtc", [drop("screening")]),
    ("BI-46", "exstdtc", [put("screening", enroldat=date(2024, 1, 11))]),
    ("BI-50", "weight", [put("infusion", weight=Decimal("68.0"))]),
    ("BI-50", "weight", [put("infusion", weight=Decimal("5.8"))]),
    ("BI-51", "exstdtc", [put("treatment_block", ecstdat=date(2024, 1, 9))]),
    ("BI-52", "exstdtc", [put("dose_change", dcdtc=at("2024-01-16 12:00"))]),
    ("IN-50", "intstdtc", [put("interruption", intstdtc=at("2024-01-10 11:00"))]),
    ("IN-50", "intstdtc", [put("interruption", full_dtc=at("2024-02-07 12:01"))]),
    ("IN-51", "intstdtc", [add("interruption", intstdtc=at("2024-01-19 11:59"))]),
    ("IN-51", "intstdtc", [put("interruption", intongo="Y"), add("interruption", intstdtc=at("2024-01-29 12:00"))]),
    ("DC-50", "dcdtc", [put("dose_change", dcdtc=at("2024-02-07 12:01"))]),
    ("TB-50", "ecstdat", [put("treatment_block", 1, ecstdat=date(2024, 2, 6))]),
    ("TB-50", "ecstdat", [put("treatment_block", 1, econgo="Y", ecendat=None)]),
    ("TB-51", "block", [double("treatment_block")]),
    ("TB-52", "block", [drop("transplantation")]),
    ("TB-53", "block", [drop("transplantation"), put("treatment_block", 3, block="MARMA")]),
    ("TB-54", "as_protocol", [drop("deviation")]),
    ("TB-54", "as_protocol", [put("deviation", dvstdat=date(2024, 3, 21))]),
    ("DV-50", "dvstdat", [double("deviation")]),
    ("DV-51", "dvcat", [put("treatment_block", 1, as_protocol="Y")]),
    ("TX-50", "trkind", [put("treatment_block", 3, block="MARMA")]),
    ("TX-51", "trdat", [put("transplantation", trdat=date(2024, 9, 10))]),
    ("TX-51", "trdat", [put("transplantation", block="CONDITIONING")]),
    ("TX-52", "remission", [put("transplantation", remission="CR1")]),
    ("TX-52", "remission", [put("transplantation", remission="CR3")]),
    ("TX-53", "trdat", [double("transplantation")]),
    ("TX-54", "trdat", [put("transplantation", trdat=date(2024, 1, 7))]),
    ("EV-50", "dedat", [put("disease_event", dedat=date(2024, 1, 7))]),
    ("EV-51", "deevent", [put("disease_event", dedat=date(2024, 7, 2))]),
    ("EV-52", "deevent", [double("disease_event")]),
    ("EV-53", "deevent", [put("disease_event", 1, deevent="RELAPSE")]),
    ("DT-50", "dthdat", [double("death")]),
    ("DT-51", "in_remission", [put("death", in_remission="Y"), LATE_RELAPSE]),
    ("DT-52", "dthcause", [drop("disease_event")]),
    ("FU-50", "alive", [drop("death")]),
    ("FU-51", "remission", [put("follow_up", remission="N")]),
    ("FU-51", "remission", [put("follow_up", fudat=date(2024, 6, 2))]),
    ("DS-50", "dsdecod", [double("disposition")]),
    ("DS-51", "dsdecod", [drop("death")]),
    ("CM-50", "cmtrt", [double("concomitant")]),
    ("CM-50", "cmtrt", [add("concomitant", cmtrt="OTHER", cmtrt_other="x", cmstdat="2024-02")] * 2),
]  # fmt: skip


@pytest.mark.parametrize(("code", "item", "changes"), OWN)
def test_each_check_finds_what_it_is_named_for(code: str, item: str, changes: list[Change]) -> None:
    assert (code, item) in {(finding.code, finding.item) for finding in found(*changes)}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("IC-51", [put("consent", icdat=date(2024, 1, 8))]),
        ("EL-42", [put("consent", icdat=date(2024, 1, 8))]),
        ("EL-50", [put("screening", eoi_blasts_lt_25="N"), put("end_of_induction", blast_pct=Decimal(25))]),
        ("EI-50", [put("end_of_induction", blast_pct=Decimal(30)), put("screening", eligible="N", enrolled="N")]),
        ("BI-43", [drop("consent"), put("infusion", exstdtc=None)]),
        ("BI-46", [put("screening", enroldat=date(2024, 1, 10))]),
        ("BI-50", [put("infusion", weight=Decimal("7.15"))]),
        ("IN-50", [put("infusion", exendtc=None)]),
        ("IN-51", [add("interruption", intstdtc=at("2024-01-19 12:01"), intendtc=at("2024-01-19 13:00"))]),
        ("TB-50", [put("treatment_block", 3, econgo="Y", ecendat=None)]),
        ("TB-53", [drop("transplantation"), put("treatment_block", 2, ecendat=None)]),
        ("TB-54", [put("deviation", dvstdat=date(2024, 3, 20))]),
        ("TX-51", [put("transplantation", block=None)]),
        ("TX-52", [put("transplantation", remission="NOT_IN_REMISSION")]),
        ("FU-51", [put("follow_up", fudat=date(2024, 6, 2), remission="N")]),
        ("CM-50", [add("concomitant", cmtrt="OTHER", cmtrt_other=other, cmstdat="2024-02") for other in "ab"][0:1]),
        ("CM-41", [put("concomitant", cmstdat="2025")]),
        ("CM-40", [put("concomitant", cmstdat="2023")]),
    ],
)
def test_a_value_just_inside_is_no_finding(code: str, changes: list[Change]) -> None:
    assert code not in codes(*changes)


BIRTH_CODES = {"IC-40", "EL-40", "EI-40", "TB-40", "BI-40", "DC-40", "IN-40", "VS-40", "NE-40", "TX-40", "EV-40",
               "DT-40", "FU-40", "DV-40", "DS-40", "CM-40"}  # fmt: skip
DEATH_CODES = {"EL-41", "EI-41", "TB-41", "BI-41", "DC-41", "IN-41", "VS-41", "NE-41", "TX-41", "EV-41", "FU-41",
               "DV-41", "DS-41", "CM-41"}  # fmt: skip
CONSENT_CODES = {"EL-42", "BI-42", "DC-42", "IN-42", "VS-42", "NE-42"}
WINDOW_CODES = {"EI-44", "VS-44", "NE-44", "FU-44"}


def _as(sample: Any, day: date) -> Any:
    """`day` in the form of `sample`: a date, a moment or a partial date."""
    if isinstance(sample, str):
        return f"{day:%Y-%m}"
    return at(f"{day} 12:00") if hasattr(sample, "hour") else day


def _dated(crf: str, day: date) -> Change:
    item = DATED[crf][1]
    return put(crf, **{item: _as(SOUND[crf][0][item], day)})


def test_a_date_before_birth_is_found_on_every_dated_form() -> None:
    birth = put("baseline", brthdat=date(2023, 9, 2))
    hits = {crf: codes(birth, _dated(crf, date(2023, 8, 30))) & BIRTH_CODES for crf in DATED}
    assert set.union(*hits.values()) == BIRTH_CODES
    assert all(len(hit) == 1 for hit in hits.values())
    assert not any(codes(birth, _dated(crf, date(2023, 9, 2))) & BIRTH_CODES for crf in DATED)


def test_a_date_after_death_is_found_on_every_form_of_the_living() -> None:
    living = set(DATED) - {"consent", "death"}
    hits = {crf: codes(_dated(crf, date(2025, 3, 2))) & DEATH_CODES for crf in living}
    assert set.union(*hits.values()) == DEATH_CODES
    assert all(len(hit) == 1 for hit in hits.values())
    assert not any(codes(_dated(crf, date(2025, 2, 1))) & DEATH_CODES for crf in living)


@pytest.mark.requirement("DE-07")
def test_a_step_of_the_study_before_consent_is_out_of_order() -> None:
    hits = {crf: codes(_dated(crf, date(2024, 1, 4))) & CONSENT_CODES for crf in STUDY_STEPS}
    assert set.union(*hits.values()) == CONSENT_CODES
    assert all(len(hit) == 1 for hit in hits.values())
    assert not any(codes(_dated(crf, date(2024, 1, 5))) & CONSENT_CODES for crf in STUDY_STEPS)


@pytest.mark.requirement("DE-07")
def test_only_forbidden_orders_refuse_on_the_page() -> None:
    order = {check.code for check in CROSS_CHECKS if check.severity is Severity.ORDER}
    assert order == CONSENT_CODES | {"EL-43", "BI-43", "DC-43", "IN-43", "NE-43", "BI-45"}
    assert {check.severity for check in CROSS_CHECKS} == {Severity.ORDER, Severity.SOFT}


def test_standard_care_before_consent_is_no_finding() -> None:
    early = [_dated("end_of_induction", date(2024, 1, 2)), put("baseline", diagdat=date(2023, 12, 1))]
    induction = add(
        "treatment_block", block="INDUCTION", ecstdat=date(2023, 12, 2), ecendat=date(2024, 1, 2), as_protocol="Y"
    )
    assert codes(*early, induction) == set()


def test_a_date_outside_the_window_of_its_visit_is_found() -> None:
    outside = {
        "end_of_induction": date(2023, 12, 24),
        "vital_signs": date(2024, 1, 11),
        "neurological": date(2024, 2, 11),
        "follow_up": date(2024, 6, 7),
    }
    hits = {crf: codes(_dated(crf, outside[crf])) & WINDOW_CODES for crf in IN_A_WINDOW}
    assert set.union(*hits.values()) == WINDOW_CODES
    assert all(len(hit) == 1 for hit in hits.values())


def test_an_unscheduled_form_has_no_window() -> None:
    unscheduled = add("follow_up", fudat=date(2024, 8, 15), alive="Y", remission="Y")
    assert codes(unscheduled) == set()


def test_a_window_moves_with_its_anchor() -> None:
    assert "NE-44" in codes(put("infusion", exendtc=at("2024-02-06 12:00")))
    [finding] = [f for f in found(put("infusion", exendtc=at("2024-02-06 12:00"))) if f.code == "NE-44"]
    assert finding.message == (
        "10-Feb-2024 lies outside the window of Day 29: 06-Feb-2024 to 09-Feb-2024. Correct the date, or confirm it."
    )


def test_contradicting_rows_of_an_infusion_are_asked_about_once() -> None:
    outside = put("interruption", full_dtc=at("2024-03-01 12:00"))
    assert codes(outside) & {"IN-50", "IN-51", "DC-50", "BI-52"} == {"IN-50"}


def test_the_course_is_made_of_the_rows() -> None:
    course = course_of(subject(**{crf: SOUND[crf] for crf in ("infusion", "interruption", "dose_change")}))
    assert course is not None
    assert [segment.dose_ug_m2_day for segment in course.segments] == [15, 0, 5, FULL_DOSE_UG_M2_DAY, 10]
    assert course_of(subject()) is None


def test_no_message_shows_none() -> None:
    messages = [finding.message for _, _, changes in OWN for finding in found(*changes)]
    assert not [message for message in messages if "None" in message or "{" in message]
