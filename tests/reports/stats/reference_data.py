"""The synthetic reference trial as plain arrays, and R's answers for it (`tests/reference/results_R.csv`).

Times are days in the files and days / 30.4375 (months) here. R's dataset names are kept.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
DAYS_PER_MONTH = 30.4375
CAUSES = {"CENSORED": 0, "RELAPSE": 1}  # anything else that ends DFS is cause 2


@dataclass(frozen=True, eq=False)
class Dataset:
    time: np.ndarray
    event: np.ndarray
    cause: np.ndarray
    arm: np.ndarray
    covariates: dict[str, np.ndarray]


def rows(path: str) -> list[dict[str, str]]:
    with (ROOT / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def r_value(dataset: str, analysis: str, key: str) -> float | None:
    """R's number, or None where R printed NA."""
    return _r_values()[dataset, analysis, key]


@cache
def _r_values() -> dict[tuple[str, str, str], float | None]:
    table = rows("tests/reference/results_R.csv")
    return {(r["dataset"], r["analysis"], r["key"]): float(r["value"]) if r["value"] else None for r in table}


def datasets_with(analysis: str) -> list[str]:
    return sorted({dataset for dataset, name, _ in _r_values() if name == analysis})


@cache
def printed(key: str) -> str:
    """The figure as a report of the reference trial prints it."""
    return next(row["text"] for row in rows("tests/reference/results.csv") if row["key"] == key)


def trial() -> list[dict[str, str]]:
    return rows("tests/reference/survival_derived.csv")


def controls() -> list[dict[str, str]]:
    return rows("reports/demo/data/controls.csv")


def matched_controls() -> list[dict[str, str]]:
    return [row for row in controls() if row["matched_trial_patient"]]


def all_484(endpoint: str) -> tuple[np.ndarray, np.ndarray]:
    table = rows("reports/demo/data/interfant06_all484.csv")
    return months(column(table, f"{endpoint}_days")), column(table, f"{endpoint}_event")


def months(days: np.ndarray) -> np.ndarray:
    return days / DAYS_PER_MONTH


def column(table: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in table])


@cache
def dataset(name: str) -> Dataset:
    """`reference_trial_dfs`, `reference_both_os`, `reference_trial_dfs_sens`, ... as in R's file."""
    _, source, endpoint, *sensitivity = name.split("_")
    prefix = "sens_" if sensitivity else ""
    tables = {"trial": [trial()], "ctrl": [controls()], "matched": [matched_controls()], "both": [trial(), controls()]}
    parts = [_part(table, endpoint, prefix) for table in tables[source]]
    covariates = {key: np.concatenate([part.covariates[key] for part in parts]) for key in parts[0].covariates}
    joined = (np.concatenate([getattr(part, key) for part in parts]) for key in ("time", "event", "cause", "arm"))
    return Dataset(*joined, covariates=covariates)


def _part(table: list[dict[str, str]], endpoint: str, prefix: str) -> Dataset:
    in_trial = "eoi_high" in table[0]
    arm = np.full(len(table), 1.0 if in_trial else 0.0)
    event = column(table, f"{prefix}{endpoint}_event")
    cause = np.array([CAUSES.get(row["dfs_type"], 2) for row in table])
    return Dataset(
        time=months(column(table, f"{prefix}{endpoint}_days")),
        event=event,
        cause=np.where(event == 1, cause, 0),
        arm=arm,
        covariates={
            "arm": arm,
            "x1": np.array([float(row["risk_group"] == "HIGH") for row in table]),
            "x2": np.array([float(_end_of_induction(row) == "LOW") for row in table]),
            "x3": np.array([float(_end_of_induction(row) == "HIGH") for row in table]),
        },
    )


def _end_of_induction(row: dict[str, str]) -> str:
    if "mrd_eoi" in row:
        return row["mrd_eoi"]
    if row["eoi_high"] == "1":
        return "HIGH"
    return "NEG" if row["eoi_neg"] == "1" else "LOW"
