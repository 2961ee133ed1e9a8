"""Risk group and marrow class by the protocol's definitions."""

from decimal import Decimal
from typing import Literal

SIX_MONTHS_DAYS = Decimal("182.625")  # half of 365.25 days
HIGH_WBC_10E9_L = Decimal(300)
M1_BELOW_PCT = Decimal(5)
M2_UP_TO_PCT = Decimal(25)
ELIGIBLE_BELOW_PCT = Decimal(25)  # 25 % is still M2, yet no longer eligible

RiskGroup = Literal["HIGH", "MEDIUM"]
MarrowClass = Literal["M1", "M2", "M3"]


def risk_group(*, age_days: int, wbc: Decimal, poor_response: bool) -> RiskGroup:
    """HIGH when younger than 6 months at diagnosis AND (white cells >= 300 OR poor prednisone response).

    age_days: at diagnosis. wbc: at diagnosis, 10^9/L. Raises ValueError for a negative number.
    """
    _check_not_negative(age_days, "The age at diagnosis")
    _check_not_negative(wbc, "The white-cell count")
    young = age_days < SIX_MONTHS_DAYS
    return "HIGH" if young and (wbc >= HIGH_WBC_10E9_L or poor_response) else "MEDIUM"


def derived_risk_group(*, age_days: int | None, wbc: Decimal | None, poor_response: bool | None) -> RiskGroup | None:
    """As `risk_group`; None when what is missing could change the answer.

    An infant of 6 months or more is MEDIUM whatever else is missing; one finding of the two suffices for HIGH.
    """
    possible = {
        risk_group(age_days=age, wbc=count, poor_response=poor)
        for age in ([0, 365] if age_days is None else [age_days])
        for count in ([Decimal(0), HIGH_WBC_10E9_L] if wbc is None else [wbc])
        for poor in ([False, True] if poor_response is None else [poor_response])
    }
    return possible.pop() if len(possible) == 1 else None


def marrow_class(blast_pct: Decimal | None) -> MarrowClass | None:
    """M1 below 5 % blasts, M2 from 5 to 25 %, M3 above; None when not measured.

    Raises ValueError outside 0 to 100 %.
    """
    if blast_pct is None:
        return None
    if not 0 <= blast_pct <= 100:
        raise ValueError(f"Blasts of {blast_pct} % cannot be: the percentage lies between 0 and 100.")
    if blast_pct < M1_BELOW_PCT:
        return "M1"
    return "M2" if blast_pct <= M2_UP_TO_PCT else "M3"


def _check_not_negative(number: int | Decimal, what: str) -> None:
    if number < 0:
        raise ValueError(f"{what} cannot be negative, and {number} was given.")
