import pytest

from patients.criteria import CRITERIA, eligible, unmet

ALL_MET = {criterion.code: criterion.required for criterion in CRITERIA}
CODES = [criterion.code for criterion in CRITERIA]


def test_eight_criteria_with_codes_of_their_own():
    assert len(CRITERIA) == len(set(CODES)) == 8


def test_all_criteria_met_is_eligible():
    assert eligible(ALL_MET) is True
    assert unmet(ALL_MET) == ()


@pytest.mark.parametrize("code", CODES)
def test_one_unmet_criterion_excludes_and_is_named(code):
    answers = ALL_MET | {code: not ALL_MET[code]}
    assert eligible(answers) is False
    assert [criterion.code for criterion in unmet(answers)] == [code]


@pytest.mark.parametrize("code", CODES)
def test_a_missing_answer_leaves_eligibility_open(code):
    assert eligible(ALL_MET | {code: None}) is None
    assert eligible({key: answer for key, answer in ALL_MET.items() if key != code}) is None


def test_one_unmet_criterion_decides_although_another_is_missing():
    answers = ALL_MET | {"cd19_positive": False, "b_precursor": None}
    assert eligible(answers) is False


def test_no_answer_at_all_is_open_and_other_items_of_the_form_are_ignored():
    assert eligible({}) is None
    assert eligible(ALL_MET | {"consent_version_ok": False}) is True
