"""The historical controls: rows of text as they were supplied, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

TextRow = Mapping[str, Any]


@dataclass(frozen=True)
class Historical:
    """controls: the selected ones, time from the end of induction. everyone: all patients, time from diagnosis."""

    controls: tuple[TextRow, ...] = ()
    everyone: tuple[TextRow, ...] = ()


def controls(rows: Iterable[TextRow]) -> list[dict[str, Any]]:
    """The rows of CONTROLS."""
    return [
        {
            "CTRLID": _text(row, "patient_id"),
            "SEX": _text(row, "sex"),
            "AGEDAYS": _whole(row, "age_days_at_diagnosis"),
            "WBC": _decimal(row, "wbc_10e9_l"),
            "PREDRESP": _text(row, "prednisone_response"),
            "RISK": _text(row, "risk_group"),
            "MARROW": _text(row, "eoi_marrow"),
            "MRDEOI": _text(row, "mrd_eoi"),
            "MRDMARMA": _text(row, "mrd_before_marma"),
            "MRDOCTADAD": _text(row, "mrd_before_octadad"),
            "DFSDAYS": _whole(row, "dfs_days"),
            "DFSEVENT": _flag(row, "dfs_event"),
            "DFSTYPE": _text(row, "dfs_type"),
            "OSDAYS": _whole(row, "os_days"),
            "OSEVENT": _flag(row, "os_event"),
            "HSCTDAY": _whole(row, "hsct_cr1_day"),
            "CASEID": _text(row, "matched_trial_patient"),
        }
        for row in rows
    ]


def everyone(rows: Iterable[TextRow]) -> list[dict[str, Any]]:
    """The rows of ALL484."""
    return [
        {
            "CTRLID": _text(row, "patient_id"),
            "SELECTED": _flag(row, "selected_control"),
            "EFSDAYS": _whole(row, "efs_days"),
            "EFSEVENT": _flag(row, "efs_event"),
            "OSDAYS": _whole(row, "os_days"),
            "OSEVENT": _flag(row, "os_event"),
        }
        for row in rows
    ]


def _text(row: TextRow, column: str) -> str | None:
    value = row.get(column)
    return None if value is None or str(value) == "" else str(value)


def _whole(row: TextRow, column: str) -> int | None:
    """A whole number, also when it was written "187.0"."""
    number = _decimal(row, column)
    if number is not None and number != int(number):
        raise ValueError(f"{column} of a historical control is no whole number: {number}.")
    return None if number is None else int(number)


def _decimal(row: TextRow, column: str) -> Decimal | None:
    text = _text(row, column)
    return None if text is None else Decimal(text)


def _flag(row: TextRow, column: str) -> bool | None:
    text = _text(row, column)
    return None if text is None else text in ("1", "True", "true")
