"""In this state may anyone: states and their transitions as data. The diagram in the README is made from these."""

from enum import StrEnum


class WrongState(Exception):
    """The thing is not in a state that allows this; the message is a sentence for the person who asked."""


class QueryState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


# (from, to): what the step is called
QUERY_STEPS: dict[tuple[QueryState, QueryState], str] = {
    (QueryState.OPEN, QueryState.ANSWERED): "answer",
    (QueryState.OPEN, QueryState.CLOSED): "close",
    (QueryState.OPEN, QueryState.CANCELLED): "cancel",
    (QueryState.ANSWERED, QueryState.OPEN): "re-open",
    (QueryState.ANSWERED, QueryState.CLOSED): "close",
    (QueryState.ANSWERED, QueryState.CANCELLED): "cancel",
    (QueryState.CLOSED, QueryState.OPEN): "re-open",
}
LIVE_QUERY_STATES = frozenset({QueryState.OPEN, QueryState.ANSWERED})


def check_query_step(state: str, to: QueryState) -> None:
    """Raise WrongState unless a query may go from `state` to `to`."""
    if (QueryState(state), to) not in QUERY_STEPS:
        so = f"{state} already" if state == to else f"{state}; it cannot become {to}"
        raise WrongState(f"This query is {so}. Reload the page to see what happened to it.")


class RecordState(StrEnum):
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"


class SubjectState(StrEnum):
    SCREENING = "screening"
    ENROLLED = "enrolled"
    SCREEN_FAILED = "screen failed"


def mermaid(steps: dict[tuple[QueryState, QueryState], str]) -> str:
    """The transition table as a Mermaid state diagram."""
    lines = [f"    {start} --> {end}: {name}" for (start, end), name in steps.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {QueryState.OPEN}", *lines])
