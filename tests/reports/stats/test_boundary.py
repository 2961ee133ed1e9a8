from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.stats.boundary import Boundary, pocock_boundary
from reports.stats.observations import UnusableData


def stretches(boundary: Boundary) -> dict[int, tuple[int, int]]:
    """For each number of events the first and last look at which it is the limit."""
    looks: dict[int, list[int]] = {}
    for n, limit in boundary.stop_at.items():
        if limit is not None:
            looks.setdefault(limit, []).append(n)
    return {limit: (min(at), max(at)) for limit, at in looks.items()}


@pytest.mark.parametrize(
    ("p0", "alpha", "expected", "false_stop", "true_rate", "true_stop"),
    [
        (
            0.10,
            0.05,
            {2: (2, 2), 3: (3, 6), 4: (7, 10), 5: (11, 16), 6: (17, 21), 7: (22, 28), 8: (29, 30)},
            0.049,
            0.30,
            0.827,
        ),
        (0.05, 0.05, {2: (2, 4), 3: (5, 12), 4: (13, 22), 5: (23, 30)}, 0.045, 0.30, 0.978),
    ],
)
def test_boundary_and_its_operating_characteristics_are_the_published_ones(
    p0: float,
    alpha: float,
    expected: dict[int, tuple[int, int]],
    false_stop: float,
    true_rate: float,
    true_stop: float,
) -> None:
    boundary = pocock_boundary(30, p0=p0, alpha=alpha)
    assert stretches(boundary) == expected
    assert boundary.stopping_probability(p0) == pytest.approx(false_stop, abs=0.0005)
    assert boundary.stopping_probability(true_rate) == pytest.approx(true_stop, abs=0.0005)


def test_boundary_for_a_common_event() -> None:
    boundary = pocock_boundary(30, p0=0.2, alpha=0.1)
    assert stretches(boundary) == {
        3: (3, 4),
        4: (5, 7),
        5: (8, 10),
        6: (11, 13),
        7: (14, 16),
        8: (17, 20),
        9: (21, 24),
        10: (25, 27),
        11: (28, 30),
    }
    assert boundary.stopping_probability(0.2) <= 0.1


def test_a_limit_is_reached_not_passed() -> None:
    boundary = pocock_boundary(30, p0=0.1, alpha=0.05)
    assert boundary.signals(4, subjects=7)
    assert not boundary.signals(3, subjects=7)
    assert not boundary.signals(1, subjects=1)
    assert not boundary.signals(0, subjects=30)


def test_chosen_looks_are_the_only_ones() -> None:
    boundary = pocock_boundary(30, p0=0.1, alpha=0.05, looks=[10, 20, 30])
    assert boundary.looks == (10, 20, 30)
    assert boundary.stopping_probability(0.1) <= 0.05
    with pytest.raises(UnusableData, match="no look after 11 subjects"):
        boundary.signals(3, subjects=11)


def test_a_single_look_is_the_binomial_test() -> None:
    # Binomial(20, 0.1): P(X >= 5) = 0.0432, P(X >= 4) = 0.1330
    assert pocock_boundary(20, p0=0.1, alpha=0.05, looks=[20]).stop_at == {20: 5}


def test_no_rule_may_keep_alpha() -> None:
    boundary = pocock_boundary(1, p0=0.1, alpha=0.05)
    assert (boundary.constant, boundary.stop_at) == (None, {1: None})
    assert boundary.stopping_probability(1) == 0


@pytest.mark.parametrize(
    ("size", "p0", "alpha", "looks", "message"),
    [
        (0, 0.1, 0.05, None, "at least one subject, not 0"),
        (30, 0, 0.05, None, "p0 lies strictly between 0 and 1, not at 0"),
        (30, 10, 0.05, None, "p0 lies between 0 and 1, not at 10"),
        (30, 0.1, float("nan"), None, "alpha is a number, not nan"),
        (30, 0.1, 0.05, [31], "between 1 and 30 subjects"),
        (30, 0.1, 0.05, [], "at least one"),
    ],
)
def test_impossible_input_is_refused_with_a_sentence(
    size: int, p0: float, alpha: float, looks: list[int] | None, message: str
) -> None:
    with pytest.raises(UnusableData, match=re.escape(message)):
        pocock_boundary(size, p0=p0, alpha=alpha, looks=looks)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(UnusableData, match="cannot be 4"):
        pocock_boundary(30, p0=0.1, alpha=0.05).signals(4, subjects=3)


def test_the_chance_of_stopping_is_exact() -> None:
    assert pocock_boundary(1, p0="0.05", alpha="0.05").stopping_probability("0.05") == Fraction(1, 20)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 18), st.sampled_from(["0.05", "0.1", "1/3", "0.5"]), st.sampled_from(["0.01", "0.05", "0.2"]))
def test_boundary_never_falls_and_keeps_alpha(size: int, p0: str, alpha: str) -> None:
    boundary = pocock_boundary(size, p0=p0, alpha=alpha)
    limits = [limit for limit in boundary.stop_at.values() if limit is not None]
    assert limits == sorted(limits)
    assert boundary.stopping_probability(p0) <= boundary.alpha
    assert boundary.stopping_probability(1) >= boundary.stopping_probability("0.9") >= boundary.stopping_probability(p0)
