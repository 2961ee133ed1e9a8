from datetime import date
from decimal import Decimal

import pytest

from patients.pathway import hsct_indicated, next_course_start

START = date(2019, 11, 27)


@pytest.mark.parametrize(
    ("risk_group", "mrd", "expected"),
    [
        ("HIGH", None, True),
        ("HIGH", "0", True),
        ("MEDIUM", "0", False),
        ("MEDIUM", "4.99e-4", False),
        ("MEDIUM", "5e-4", True),
        ("MEDIUM", "1", True),
        ("MEDIUM", None, None),
        (None, "5e-4", True),
        (None, "0", None),
        (None, None, None),
    ],
)
def test_hsct_indication_by_risk_and_mrd(risk_group, mrd, expected):
    value = None if mrd is None else Decimal(mrd)
    assert hsct_indicated(risk_group=risk_group, mrd_before_octadad=value) is expected


@pytest.mark.parametrize("mrd", ["-1e-4", "1.1"])
def test_hsct_indication_refuses_an_mrd_that_is_no_fraction(mrd):
    with pytest.raises(ValueError, match="fraction between 0 and 1"):
        hsct_indicated(risk_group="HIGH", mrd_before_octadad=Decimal(mrd))


def test_next_course_is_the_first_block_after_blinatumomab():
    blocks = [
        ("MARMA", date(2020, 2, 12)),
        ("IB", date(2020, 1, 2)),
        ("BLINATUMOMAB", START),
        ("INDUCTION", date(2019, 10, 1)),
    ]
    assert next_course_start(START, blocks) == date(2020, 1, 2)


@pytest.mark.parametrize("block", ["IB", "ADE", "CONDITIONING", "HSCT", "CAR-T"])
def test_next_course_may_be_chemotherapy_transplantation_or_cells(block):
    assert next_course_start(START, [("BLINATUMOMAB", START), (block, date(2020, 1, 5))]) == date(2020, 1, 5)


def test_no_next_course_when_nothing_was_given_after_blinatumomab():
    earlier_block = ("MAE", date(2019, 10, 1))
    assert next_course_start(START, [("BLINATUMOMAB", START), earlier_block]) is None
    assert next_course_start(START, []) is None
