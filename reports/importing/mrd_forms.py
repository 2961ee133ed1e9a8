"""Rows to drafts of the forms of `mrd`. Pure."""

from collections.abc import Iterator

from reports.importing import codes, layout
from reports.importing.drafts import Draft
from reports.importing.reading import Row
from reports.importing.study import Study


def mrd_sample(row: Row, study: Study) -> Iterator[Draft]:
    """The recorded time point decides at which visit a sample stands."""
    time_point = row.code("timepoint", (*codes.MRD_VISITS, *sorted(codes.MRD_UNSCHEDULED)))
    visit = codes.MRD_VISITS.get(time_point)
    draft = Draft("mrd_sample", row["patient_id"], row["sample_id"], row, visit)
    draft.take(msdat="sample_date", material="material")
    draft.say("timepoint", time_point if visit or not time_point else "UNSCHEDULED", "timepoint")
    yield draft


def mrd_result(row: Row, study: Study) -> Iterator[Draft]:
    sample = study.one(layout.MRD_SAMPLES, "sample_id", row["sample_id"])
    if sample is None:
        raise row.refused("sample_id", f"There is no sample {row['sample_id']} in mrd_samples.csv.")
    if sample["patient_id"] != row["patient_id"]:
        raise row.refused("patient_id", f"The sample {row['sample_id']} is one of {sample['patient_id']}.")
    draft = Draft("mrd_result", row["patient_id"], f"{row['sample_id']}/{row['target']}", row)
    draft.take(
        target="target", result="result", value="value", quant_range="quantitative_range", sensitivity="sensitivity"
    )
    draft.link("sample", ("mrd_sample", row["sample_id"]), "sample_id")
    yield draft
