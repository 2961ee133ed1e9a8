"""T4: who was enrolled."""

from __future__ import annotations

from reports.derivations.analyses import Record
from reports.parts import Line, Part, Table
from reports.snapshot import Snapshot
from reports.stats import rounding
from reports.tables.wording import PERCENT, by_code, columns, cut_note, enrolled, group, indented, median_range
from trial.study_day import DAYS_PER_MONTH

THREE_MONTHS, SIX_MONTHS = 91.3125, 182.625  # of 365.25 days


def build(snapshot: Snapshot) -> Table:
    subjects = snapshot["ADSL"].records
    lines = [
        group("Age at diagnosis"),
        indented("Median (range), months", median_range(_months(row) for row in subjects)),
        *_ages(subjects),
        group("Sex"),
        *by_code(subjects, "SEX", {"M": "Male", "F": "Female"}),
        group("White cells at diagnosis"),
        indented("Median (range), 10^9/L", median_range(row["WBC"] for row in subjects)),
        indented(
            "300 or more", rounding.count_with_percent(sum((r["WBC"] or 0) >= 300 for r in subjects), len(subjects))
        ),
        group("CNS status at diagnosis"),
        *by_code(subjects, "CNS", {"CNS1": "CNS1", "CNS2": "CNS2", "CNS3": "CNS3"}),
        group("Partner of KMT2A"),
        *by_code(
            subjects,
            "PARTNER",
            {"AFF1": "AFF1 t(4;11)", "MLLT1": "MLLT1 t(11;19)", "MLLT3": "MLLT3 t(9;11)", "OTHER": "Other"},
        ),
        group("Prednisone response"),
        *by_code(subjects, "PREDRESP", {"GOOD": "Good", "POOR": "Poor"}),
        group("Risk group"),
        *by_code(subjects, "RISK", {"HIGH": "High", "MEDIUM": "Medium"}),
        group("Marrow at end of induction"),
        *by_code(subjects, "MARROW", {"M1": "M1 (below 5 %)", "M2": "M2 (5 to 25 %)", "M3": "M3 (above 25 %)"}),
        group("MRD at end of induction"),
        *by_code(subjects, "MRDEOI", {"NEG": "Negative", "LOW": "Low (below 5 x 10^-4)", "HIGH": "High"}),
    ]
    return Table(
        code="T4",
        title=f"Characteristics at diagnosis and at end of induction (N = {enrolled(snapshot)} enrolled)",
        part=Part.OPEN,
        columns=columns("Characteristic", PERCENT),
        lines=tuple(lines),
        notes=(
            cut_note(snapshot),
            "High risk: younger than 6 months, and either white cells of 300 x 10^9/L or more"
            " or a poor prednisone response.",
        ),
    )


def _months(row: Record) -> float | None:
    return None if row["AGEDAYS"] is None else row["AGEDAYS"] / DAYS_PER_MONTH


def _ages(subjects: tuple[Record, ...]) -> list[Line]:
    known = [row["AGEDAYS"] for row in subjects if row["AGEDAYS"] is not None]
    young = sum(age < THREE_MONTHS for age in known)
    middle = sum(THREE_MONTHS <= age < SIX_MONTHS for age in known)
    counts = {"Below 3 months": young, "3 to below 6 months": middle, "6 months or more": len(known) - young - middle}
    return [indented(label, rounding.count_with_percent(number, len(subjects))) for label, number in counts.items()]
