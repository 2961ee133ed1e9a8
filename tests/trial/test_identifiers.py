"""What could tell who a subject is, and what only looks like it."""

import pytest

from trial import identifiers
from trial.identifiers import BIRTH, E_MAIL, INITIALS, LONG_NUMBER, NAME, NUMBER, TELEPHONE

pytestmark = pytest.mark.requirement("DP-01")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("name: Invented", NAME),
        ("Surname = O'Invented, seen today", NAME),
        ("Her name is Invented", NAME),
        ("The mother, Mrs. Invented, called", NAME),
        ("J.D. had fever", INITIALS),
        ("seen with A. B. C. on the ward", INITIALS),
        ("initials JD", INITIALS),
        ("Initials: J.D.", INITIALS),
        ("MRN 12345", NUMBER),
        ("hospital number: 00412", NUMBER),
        ("patient no. 88123", NUMBER),
        ("see file 48215937", LONG_NUMBER),
        ("1234567", LONG_NUMBER),
        ("write to ward.three@hospital.invalid", E_MAIL),
        ("call +31 20 555 0123", TELEPHONE),
        ("tel. 5550123", TELEPHONE),
        ("reach the parents at 06-55501234", TELEPHONE),
        ("020 5550 1234", TELEPHONE),
        ("born on 3 January 2024", BIRTH),
        ("Girl, born 03-Jan-2024", BIRTH),
        ("DOB: 2024-01-03", BIRTH),
        ("date of birth 3/1/2024", BIRTH),
    ],
)
def test_what_could_identify_is_found(text: str, kind: str) -> None:
    assert [identifier.kind for identifier in identifiers.found(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Blinatumomab 15 mcg/m2/day, then 5 mcg/m2/day for 28 days",
        "G-CSF 5 mcg/kg s.c., dexamethasone 6 mg i.v., paracetamol P.O. and morphine I.V.",
        "WBC 1200000/uL, platelets 45000, ferritin 1234.5678 ug/L, ratio 0.00000012, 5e-4",
        "Asparaginase 2500000 IU, lot 4711001, batch no. 1234567",
        "E. coli and S. aureus in C.S.F. culture; C.N.S. imaging in the U.K.",
        "2024-01-03T12:30 to 2024-01-05, 03-01-2024 12:30, 03/01/2024, 20240103",
        "EudraCT 2016-004674-17, NCT01471782, CTIS 2023-503421-12-00",
        "MR: ADE instead of IB, then HSCT at investigator's discretion (MRD before OCTADAD <5e-4)",
        "Boy of 5 months, born at term, day 20 of blinatumomab: fever, grade 1, hospital admission.",
        "KMT2A::AFF1 t(4;11)(q21;q23), t(11;19)(q23;p13.3); subject S001 at site NL01",
        "The name of the drug is missing. Hospital number two on the list; chart reviewed on day 15.",
        "Temperature 38.9 C, 120/80 mmHg, 1,234,567 cells, 99 %",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    assert identifiers.found(text) == ()
    assert identifiers.kinds(text) == ""


def test_kinds_are_named_once_in_the_order_of_the_text() -> None:
    text = "J.D., born 3 Jan 2024, K.L., tel 555 01 234"
    assert identifiers.kinds(text) == "initials, a date of birth and a telephone number"
    assert [one.text for one in identifiers.found(text)] == ["J.D.", "born 3 Jan 2024", "K.L.", "tel 555 01 234"]


def test_every_kind_is_a_pattern_that_a_test_knows() -> None:
    assert {NAME, INITIALS, NUMBER, LONG_NUMBER, E_MAIL, TELEPHONE, BIRTH} == {kind for kind, _ in identifiers._SCANS}
