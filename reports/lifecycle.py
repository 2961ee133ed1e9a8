"""States of a report and their transitions as data. The same table stands in the database as a trigger."""

from enum import StrEnum

from trial.lifecycle import WrongState


class ReportState(StrEnum):
    BUILDING = "building"
    FAILED = "failed"
    DRAFT = "draft"
    CHECKED = "checked"
    RELEASED = "released"
    SUPERSEDED = "superseded"


# (from, to): what the step is called
REPORT_STEPS: dict[tuple[ReportState, ReportState], str] = {
    (ReportState.BUILDING, ReportState.DRAFT): "build",
    (ReportState.BUILDING, ReportState.FAILED): "give up",
    (ReportState.DRAFT, ReportState.CHECKED): "check",
    (ReportState.CHECKED, ReportState.RELEASED): "release",
    (ReportState.RELEASED, ReportState.SUPERSEDED): "replace by a newer version",
}
# What the board may read: a package that it once had does not vanish when a newer version comes.
READABLE_BY_THE_BOARD = frozenset({ReportState.RELEASED, ReportState.SUPERSEDED})


def check_report_step(state: str, to: ReportState) -> None:
    """Raise WrongState unless a report may go from `state` to `to`."""
    if (ReportState(state), to) not in REPORT_STEPS:
        raise WrongState(f"This report is {state}; it cannot become {to}. Reload the page to see what happened to it.")
