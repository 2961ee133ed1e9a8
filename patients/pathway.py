"""What follows after blinatumomab: who is meant to be transplanted, and when the next course starts."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from patients.risk import RiskGroup

HSCT_MRD_FROM = Decimal("5e-4")  # fraction of cells, before OCTADAD
BLOCKS_UP_TO_BLINATUMOMAB = frozenset({"INDUCTION", "BLINATUMOMAB"})


def hsct_indicated(*, risk_group: RiskGroup | None, mrd_before_octadad: Decimal | None) -> bool | None:
    """Whether the protocol means this subject to have a transplantation in first remission.

    High risk: always. Medium risk: when MRD before OCTADAD is 5e-4 or more.
    mrd_before_octadad: highest quantified fraction of the sample's targets, 0 when none was quantifiable
    (negative or below the quantitative range); None when not measured.
    Returns None when what is missing could change the answer. Raises ValueError outside 0 to 1.
    """
    if mrd_before_octadad is not None and not 0 <= mrd_before_octadad <= 1:
        raise ValueError(f"An MRD of {mrd_before_octadad} cannot be: it is a fraction between 0 and 1.")
    if risk_group == "HIGH":
        return True
    if mrd_before_octadad is None:
        return None
    if mrd_before_octadad >= HSCT_MRD_FROM:
        return True
    return False if risk_group == "MEDIUM" else None


def next_course_start(infusion_start: date, blocks: Iterable[tuple[str, date]]) -> date | None:
    """First day of the next course after blinatumomab; None when none was started.

    It ends the window in which adverse events count. blocks: (block code, start date) in any order; every
    block but induction and blinatumomab counts, be it chemotherapy, conditioning, HSCT or cellular therapy.
    """
    starts = (start for block, start in blocks if block not in BLOCKS_UP_TO_BLINATUMOMAB and start > infusion_start)
    return min(starts, default=None)
