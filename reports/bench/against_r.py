"""Kaplan-Meier, Cox and cumulative incidence against R's survival and cmprsk: same data, machine and run."""

import csv
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIZES = (30, 244, 10_000, 100_000)
SCRIPT = Path(__file__).with_name("compare.R")
SEED = 20161
TIMES = ("Kaplan-Meier", "Cox (Breslow)", "Cumulative incidence")


class NoR(Exception):
    """R is not installed; the message says what to do."""


@dataclass(frozen=True)
class Comparison:
    """Seconds of both sides for one analysis at one size. `agrees`: the estimates are equal to 1e-8."""

    subjects: int
    analysis: str
    ours: float
    r: float
    agrees: bool

    @property
    def ratio(self) -> float:
        return self.ours / self.r if self.r else float("inf")


def find_r() -> str:
    """Path of Rscript. Raises NoR where R, survival or cmprsk is missing."""
    path = shutil.which("Rscript")
    check = [path or "", "-e", "library(survival); library(cmprsk)"]
    if path is None or subprocess.run(check, capture_output=True).returncode != 0:
        raise NoR(
            "R with survival and cmprsk is not installed (Debian: apt-get install r-cran-survival r-cran-cmprsk)."
            " NO_R=1 make bench leaves the comparison out."
        )
    return path


def compare() -> Iterator[Comparison]:
    """Measure every size, smallest first. NO_R=1 leaves all out."""
    if os.environ.get("NO_R") == "1":
        return
    rscript = find_r()
    for subjects in SIZES:
        repeats = 20 if subjects < 10_000 else 3
        data = made_up(subjects)
        ours = [_best(analysis, repeats) for analysis in analyses(data)]
        theirs, values = _run_r(rscript, data, repeats)
        for name, (seconds, value), r_seconds, r_value in zip(TIMES, ours, theirs, values, strict=True):
            yield Comparison(subjects, name, seconds, r_seconds, abs(value - r_value) < 1e-8)


def made_up(subjects: int) -> dict[str, Any]:
    """Days (tied, as in life), cause (0 censored, 1 relapse, 2 death) and four covariates, from a fixed seed."""
    import numpy as np

    random = np.random.default_rng(SEED)
    arm, risk, level = (random.integers(0, high, subjects) for high in (2, 2, 3))
    event = random.exponential(900 * np.exp(-0.5 * (arm + risk) + 0.2 * level))
    censored = random.uniform(200, 2500, subjects)
    cause = np.where(event <= censored, random.choice([1, 2], subjects, p=[0.8, 0.2]), 0)
    days = np.ceil(np.minimum(event, censored)).astype(int)
    columns = {"days": days, "cause": cause, "arm": arm, "risk": risk, "low": level == 1, "high": level == 2}
    return {name: values.astype(int) for name, values in columns.items()}


def analyses(data: dict[str, Any]) -> tuple[Callable[[], float], ...]:
    """The three analyses, in the order of TIMES, each giving one estimate to compare."""
    from reports.stats.competing import cumulative_incidence
    from reports.stats.cox import cox
    from reports.stats.survival import kaplan_meier

    days, event = data["days"].astype(float), (data["cause"] > 0).astype(int)
    covariates = {name: data[name] for name in ("arm", "risk", "low", "high")}

    def survival() -> float:
        return kaplan_meier(days, event).at(365).estimate or 0.0

    def hazard() -> float:
        return cox(days, event, covariates, ties="breslow")["arm"].coefficient or 0.0

    def incidence() -> float:
        return cumulative_incidence(days, data["cause"], number_of_causes=2)[1].at(365).estimate or 0.0

    return survival, hazard, incidence


def _best(analysis: Callable[[], float], repeats: int) -> tuple[float, float]:
    best, value = float("inf"), 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        value = analysis()
        best = min(best, time.perf_counter() - start)
    return best, value


def _run_r(rscript: str, data: dict[str, Any], repeats: int) -> tuple[list[float], list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        with path.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(data)
            rows.writerows(zip(*data.values(), strict=True))
        command = [rscript, str(SCRIPT), str(path), str(repeats)]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    numbers = [float(number) for number in printed]
    return numbers[:3], numbers[3:]
