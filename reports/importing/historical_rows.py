"""Check the rows of historical controls: codes, numbers, whole days. Pure."""

from collections.abc import Callable, Mapping

from reports.importing import layout
from reports.importing.layout import Table
from reports.importing.reading import Problem, Row, RowRefused

FLAG = ("0", "1")
MRD = ("NEG", "LOW", "HIGH")


def _control(row: Row) -> None:
    row.code("sex", ("M", "F"))
    row.code("prednisone_response", ("GOOD", "POOR"))
    row.code("risk_group", ("HIGH", "MEDIUM"))
    row.code("eoi_marrow", ("M1", "M2"))
    for column in ("mrd_eoi", "mrd_before_marma", "mrd_before_octadad"):
        row.code(column, MRD)
    row.code("dfs_type", ("RELAPSE", "DEATH_CR1", "CENSORED"))
    row.number("wbc_10e9_l")
    row.whole("hsct_cr1_day")
    row.whole("age_days_at_diagnosis")
    _times(row, "dfs", "os")


def _interfant06(row: Row) -> None:
    row.needed("selected_control")
    row.code("selected_control", FLAG)
    _times(row, "efs", "os")


def _times(row: Row, *names: str) -> None:
    for name in names:
        row.needed(f"{name}_days")
        days = row.whole(f"{name}_days")
        if days is not None and days < 0:
            raise row.refused(f"{name}_days", f"“{row[f'{name}_days']}” lies before time 0.")
        row.needed(f"{name}_event")
        row.code(f"{name}_event", FLAG)


CHECKS: Mapping[Table, Callable[[Row], None]] = {layout.CONTROLS: _control, layout.INTERFANT06: _interfant06}


def check(table: Table, rows: list[Row]) -> list[Problem]:
    """Why rows of one of the two tables are refused."""
    problems = []
    for row in rows:
        try:
            CHECKS[table](row)
        except RowRefused as refused:
            problems.append(refused.problem)
    return problems
