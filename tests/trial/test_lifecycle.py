import itertools

import pytest

from trial.lifecycle import LIVE_QUERY_STATES, QUERY_STEPS, QueryState, WrongState, check_query_step, mermaid

ALLOWED = {
    ("open", "answered"),
    ("open", "closed"),
    ("open", "cancelled"),
    ("answered", "open"),
    ("answered", "closed"),
    ("answered", "cancelled"),
    ("closed", "open"),
}


@pytest.mark.parametrize(("start", "end"), list(itertools.product(QueryState, QueryState)))
def test_a_query_takes_the_steps_of_the_table_and_no_other(start: QueryState, end: QueryState) -> None:
    if (str(start), str(end)) in ALLOWED:
        check_query_step(start, end)
    else:
        so = f"{start} already" if start == end else f"{start}; it cannot become {end}"
        with pytest.raises(WrongState, match=f"This query is {so}. Reload"):
            check_query_step(start, end)


def test_a_cancelled_query_stays_cancelled() -> None:
    assert not [step for step in QUERY_STEPS if step[0] is QueryState.CANCELLED]


def test_live_queries_are_those_that_somebody_has_to_look_at() -> None:
    assert {str(state) for state in LIVE_QUERY_STATES} == {"open", "answered"}


def test_the_diagram_shows_every_step() -> None:
    lines = mermaid(QUERY_STEPS).splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> open"]
    assert "    open --> answered: answer" in lines
    assert len(lines) == 2 + len(QUERY_STEPS)
