"""What this app's checks say of the synthetic trial: every planted discrepancy, and hardly anything else."""

from collections.abc import Iterator

import pytest

from patients.cross_checks import CROSS_CHECKS
from tests.patients import demo_subjects
from trial.crf import registry
from trial.subject_data import SubjectData

PLANTED = {
    ("S003", "infusion.dexdtc", "BI-02"),
    ("S005", "consent.icdat", "IC-50"),
    ("S011", "interruption.restart_dose", "IN-03"),
    ("S015", "infusion.bsa", "BI-04"),
    ("S018", "infusion.itdat", "BI-06"),
    ("S022", "infusion.weight", "infusion.weight.range"),
    ("S022", "infusion.bsa", "BI-04"),
    ("S022", "infusion.weight", "BI-50"),
    ("S025", "screening.enroldat", "EL-42"),
    ("S025", "infusion.exstdtc", "BI-42"),
    ("S025", "vital_signs.vsdat", "VS-42"),
    ("S025", "consent.icdat", "IC-51"),
    ("S026", "screening.eoi_blasts_lt_25", "EL-50"),
    ("S026", "end_of_induction.blast_pct", "EI-50"),
    ("SF06", "screening.eligible", "EL-01"),
    ("SF06", "screening.failure_reason", "screening.failure_reason.unasked"),
}


def findings(data: SubjectData) -> Iterator[tuple[str, str]]:
    """(CRF.item, code) of this app's findings within forms and between them; blanks are coded by an import."""
    crf_of = {row.record_id: crf for crf, rows in data.forms.items() for row in rows}
    for crf, rows in data.forms.items():
        for row in rows:
            for found in registry.get(crf).findings(dict(row.values), {}):
                if not found.code.endswith(".blank"):
                    yield f"{crf}.{found.item}", found.code
    for check in CROSS_CHECKS:
        for found in check.run(data):
            yield f"{crf_of[found.record_id or 0]}.{found.item}", found.code


@pytest.fixture(scope="module")
def trial() -> dict[str, SubjectData]:
    return demo_subjects.all_subjects()


def test_every_planted_discrepancy_is_found_and_nothing_else(trial: dict[str, SubjectData]) -> None:
    found = {(number, *finding) for number, data in trial.items() for finding in findings(data)}
    assert found == PLANTED


def test_the_synthetic_trial_reaches_every_form_that_it_has_rows_for(trial: dict[str, SubjectData]) -> None:
    seen = {crf for data in trial.values() for crf in data.forms}
    unseen = {spec.code for spec in registry.all_specs() if spec.model._meta.app_label == "patients"} - seen
    assert unseen == {"dose_change", "neurological", "disposition"}  # the synthetic files have none
    assert len(trial) == 36
