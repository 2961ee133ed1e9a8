"""The synthetic demo trial: every discrepancy that was put in is found, and hardly anything else is."""

import csv
from collections import Counter
from pathlib import Path

from mrd.cross_checks import CROSS_CHECKS as MRD_CHECKS
from safety.cross_checks import CROSS_CHECKS as SAFETY_CHECKS
from tests.safety import demo_subjects
from trial.checks import Finding
from trial.crf import registry

FORMS = ("adverse_event", "serious_adverse_event", "laboratory", "mrd_sample", "mrd_result")
PLANTED = Path(__file__).parents[1] / "reference" / "planted.csv"

# What the checks of safety and residual disease must find (planted.csv), on which subject.
PLANTED_HERE = {
    ("S021", "LB-01-PLAT", "plat_unit"): "S021/D15/PLAT",
    ("S025", "SAE-51", "reportdtc"): "SAE03",
    ("S011", "SAE-60", "saerel"): "SAE05",
    ("S007", "LB-44", "lbdat"): "S007/D15",
    ("S024", "AE-59", "temp"): "S024/D22",
    ("S006", "LB-50", "neut"): "S006/D22/NEUT",
}
# Two pairs of episodes of one term and grade overlap in the data (AE016 and AE017, AE030 and AE031): a reviewer
# would ask whether they are one.
OVERLAPPING = {("S008", "AE-52", "aestdat"), ("S013", "AE-52", "aestdat")}


def _findings() -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for number, subject in demo_subjects.subjects().items():
        across = [finding for check in (*SAFETY_CHECKS, *MRD_CHECKS) for finding in check.run(subject)]
        within = [
            finding for crf in FORMS for row in subject.rows(crf) for finding in _form_findings(crf, dict(row.values))
        ]
        found.update((number, finding.code, finding.item) for finding in [*across, *within])
    return found


def _form_findings(crf: str, values: dict[str, object]) -> list[Finding]:
    """As imported: what the files lack is coded as not in source."""
    not_in_source = {name: {"code": "NIS"} for name, value in values.items() if value is None}
    return registry.get(crf).findings(values, not_in_source)


def test_every_planted_discrepancy_is_found_once_and_hardly_anything_else() -> None:
    assert _findings() == Counter([*PLANTED_HERE, *OVERLAPPING])


def test_the_expected_findings_are_planted() -> None:
    with PLANTED.open(encoding="utf-8", newline="") as stream:
        planted = {row["key"] for row in csv.DictReader(stream)}
    assert set(PLANTED_HERE.values()) <= planted
