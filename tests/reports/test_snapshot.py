"""A snapshot is the same bytes for the same data, and what is written is what is read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import snapshot as snapshots
from reports.snapshot import Dataset, Snapshot, UnusableSnapshot, Variable

COLUMNS = (
    Variable("USUBJID", "Subject"),
    Variable("N", "A count", "integer"),
    Variable("WBC", "White cells", "decimal"),
    Variable("DAY", "A day", "date"),
    Variable("AT", "A moment", "moment"),
    Variable("FL", "A flag", "flag"),
)
FREEZE = datetime(2022, 9, 15, 12, tzinfo=UTC)
ROWS = st.tuples(
    st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
    st.none() | st.integers(),
    st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=6),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.booleans(),
)


def snapshot(*rows: tuple) -> Snapshot:
    return Snapshot(cut=date(2022, 8, 31), freeze=FREEZE, datasets={"ADSL": Dataset("ADSL", COLUMNS, rows)})


@given(rows=st.lists(ROWS, max_size=5))
def test_snapshot_round_trip_is_exact_and_typed(rows: list[tuple], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("snapshot")
    written = snapshot(*rows)
    snapshots.write(written, folder)
    read = snapshots.read(folder)
    assert read == written
    assert read.sha256 == written.sha256
    for row, again in zip(written["ADSL"].rows, read["ADSL"].rows, strict=True):
        assert [type(value) for value in row] == [type(value) for value in again]


def test_snapshot_does_not_depend_on_order_zone_or_trailing_zeros() -> None:
    amsterdam = timezone(timedelta(hours=2))
    first = ("S001", 1, Decimal("115.1"), date(2018, 7, 28), datetime(2018, 7, 28, 7, 45, tzinfo=UTC), True)
    again = ("S001", 1, Decimal("115.10"), date(2018, 7, 28), datetime(2018, 7, 28, 9, 45, tzinfo=amsterdam), True)
    other = ("S002", None, None, None, None, None)
    assert snapshot(first, other).sha256 == snapshot(other, again).sha256


def test_snapshot_hash_tells_cut_freeze_and_values_apart() -> None:
    row = ("S001", 0, None, None, None, False)
    hashes = {snapshot(row).sha256, snapshot(("S001", None, None, None, None, False)).sha256, snapshot().sha256}
    hashes.add(Snapshot(cut=date(2022, 8, 30), freeze=FREEZE, datasets=snapshot(row).datasets).sha256)
    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("", 1, None, None, None, None), "empty text"),
        ((None, True, None, None, None, None), "integer"),
        ((None, None, 1.5, None, None, None), "decimal"),
        ((None, None, Decimal("NaN"), None, None, None), "finite"),
        ((None, None, None, datetime(2020, 1, 1, tzinfo=UTC), None, None), "date"),
        ((None, None, None, None, datetime.fromisoformat("2020-01-01T09:00"), None), "time zone"),
        (("S001",), "1 values"),
    ],
)
def test_dataset_refuses_what_it_cannot_write_back(row: tuple, said: str) -> None:
    with pytest.raises(UnusableSnapshot, match=said):
        Dataset("ADSL", COLUMNS, (row,))


def test_changed_or_missing_file_is_refused(tmp_path: Path) -> None:
    snapshots.write(snapshot(("S001", 1, None, None, None, None)), tmp_path)
    (tmp_path / "adsl.csv").write_text("USUBJID,N,WBC,DAY,AT,FL\nS001,2,,,,\n")
    with pytest.raises(UnusableSnapshot, match="has changed"):
        snapshots.read(tmp_path)
    (tmp_path / "adsl.csv").unlink()
    with pytest.raises(UnusableSnapshot, match="no complete snapshot"):
        snapshots.read(tmp_path)
