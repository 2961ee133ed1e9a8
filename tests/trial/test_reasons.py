import pytest
from hypothesis import given
from hypothesis import strategies as st

from trial.reasons import REASONS, ReasonNeeded, check, compose


@pytest.mark.requirement("AT-09")
@pytest.mark.parametrize("reason", ["", " ", ".", "...", "-", "xx", "\n\t", "? !"])
def test_a_reason_that_says_nothing_is_refused(reason: str) -> None:
    with pytest.raises(ReasonNeeded):
        check(reason)


@pytest.mark.requirement("AT-09")
@pytest.mark.parametrize("text", ["", "  ", ".", "ok"])
def test_other_needs_its_text(text: str) -> None:
    with pytest.raises(ReasonNeeded):
        compose("other", text)
    assert compose("other", " scales were broken ") == "Other: scales were broken"


@pytest.mark.requirement("AT-09")
@pytest.mark.parametrize("code", sorted(set(REASONS) - {"other"}))
def test_a_listed_reason_stands_with_or_without_text(code: str) -> None:
    assert compose(code) == REASONS[code]
    assert compose(code, "read 2 for 7") == f"{REASONS[code]}: read 2 for 7"


@pytest.mark.parametrize(("code", "text"), [("", ""), ("no-such-code", ""), ("", " . ")])
def test_an_unknown_code_without_text_is_refused(code: str, text: str) -> None:
    with pytest.raises(ReasonNeeded):
        compose(code, text)
    assert compose(code, "Misread the chart") == "Misread the chart"


@pytest.mark.parametrize("reason", ["血圧計の故障", "Ärztin korrigierte"])
def test_a_reason_may_be_in_any_script(reason: str) -> None:
    assert check(f" {reason} ") == reason


@given(st.text())
def test_what_is_accepted_is_kept_stripped(text: str) -> None:
    try:
        assert check(text) == text.strip()
    except ReasonNeeded:
        assert sum(character.isalnum() or character == "_" for character in text) < 3
