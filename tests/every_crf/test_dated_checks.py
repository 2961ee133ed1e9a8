"""The checks that forms with a date share, on the forms of all apps."""

from datetime import date
from typing import Any

import pytest

from tests.patients.subject_rows import at, subject
from trial.checks import Severity
from trial.crf import registry

pytestmark = pytest.mark.requirement("DE-01")

BORN, DIED = date(2023, 9, 1), date(2025, 2, 1)
LIFE: dict[str, Any] = {"baseline": [{"brthdat": BORN}], "death": [{"dthdat": DIED}]}

# CRF, item, check before birth, check after death
DATED = [
    ("adverse_event", "aestdat", "AE-40", "AE-41"),
    ("serious_adverse_event", "saestdat", "SAE-40", "SAE-41"),
    ("laboratory", "lbdat", "LB-40", "LB-41"),
    ("mrd_sample", "msdat", "MS-40", "MS-41"),
    ("vital_signs", "vsdat", "VS-40", "VS-41"),
    ("infusion", "exstdtc", "BI-40", "BI-41"),
]


def codes(crf: str, item: str, day: date) -> set[str]:
    value = at(f"{day} 12:00") if item.endswith("dtc") else day
    data = subject(**LIFE, **{crf: [{item: value}]})
    checks = [check for check in registry.all_cross_checks() if check.crf == crf]
    return {finding.code for check in checks for finding in check.run(data)}


@pytest.mark.parametrize(("crf", "item", "before_birth", "after_death"), DATED)
def test_a_date_outside_life_is_found(crf: str, item: str, before_birth: str, after_death: str) -> None:
    assert before_birth in codes(crf, item, date(2023, 8, 31))
    assert after_death in codes(crf, item, date(2025, 2, 2))
    for day in (BORN, DIED):
        assert not {before_birth, after_death} & codes(crf, item, day)


@pytest.mark.parametrize(
    ("crf", "start", "end", "code"),
    [
        ("adverse_event", "aestdat", "aeendat", "AE-05"),
        ("serious_adverse_event", "saestdat", "saeendat", "SAE-05"),
        ("treatment_block", "ecstdat", "ecendat", "TB-01"),
    ],
)
def test_an_end_before_its_start_is_refused_and_the_same_day_is_not(crf: str, start: str, end: str, code: str) -> None:
    spec = registry.get(crf)
    blank = {item.name: None for item in spec.items}
    before = spec.findings({**blank, start: BORN, end: date(2023, 8, 31)}, {})
    assert (code, Severity.HARD) in {(finding.code, finding.severity) for finding in before}
    same = spec.findings({**blank, start: BORN, end: BORN}, {})
    assert code not in {finding.code for finding in same}
