"""MRD on a subject's path: the highest value of each sample on a log band, negatives below it."""

from collections.abc import Iterator

from patients.path import Mark
from trial import partial_dates
from trial.subject_data import Row, SubjectData

READS = frozenset({"mrd_sample", "mrd_result"})


def marks(subject: SubjectData) -> Iterator[Mark]:
    for sample in subject.rows("mrd_sample"):
        results = [row for row in subject.rows("mrd_result") if row.sample == sample.record_id and row.result]
        if sample.msdat and results:
            yield _mark(sample, results)


def _mark(sample: Row, results: list[Row]) -> Mark:
    day = partial_dates.show(sample.msdat)
    if all(row.result == "NEG" for row in results):
        return Mark(kind="mrd_negative", start=sample.msdat, label=f"MRD negative, {day}")
    # Positive below the quantitative range: drawn at the limit of the range, and said so.
    values = [row.value if row.result == "POS" else row.quant_range for row in results if row.result != "NEG"]
    value = max((value for value in values if value), default=None)
    word = f"{value:.1e}" if any(row.result == "POS" for row in results) and value else "positive, not quantifiable"
    return Mark(kind="mrd", start=sample.msdat, label=f"MRD {word}, {day}", value=value)
