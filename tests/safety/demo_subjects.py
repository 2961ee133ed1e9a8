"""The synthetic demo trial as plain subject data, without a database: what cross-form checks see of it."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from safety import ctcae
from trial.crf import registry
from trial.models import item_fields
from trial.subject_data import Row, SubjectData

FOLDER = Path(__file__).parents[2] / "reports" / "demo" / "data"
VISITS = {
    "EOI": "screening",
    "D1": "day_1",
    "D8": "day_8",
    "D15": "day_15",
    "D22": "day_22",
    "D29": "day_29",
    "MARMA": "before_marma",
    "OCTADAD": "before_octadad",
    "MAINT": "before_maintenance",
}
CRITERIA = ("sdth", "slife", "shosp", "sdisab", "scong", "smie")
NUMBERS = count(1)

Rows = dict[str, list[Row]]


def subjects() -> dict[str, SubjectData]:
    """Subject number -> all that the demo files say of an enrolled subject for these checks."""
    return {row["patient_id"]: _subject(row) for row in _file("patients")}


def number_of(key: str) -> str:
    """The subject of a row, be it named by the subject's number or by an AE's or SAE's."""
    rows = [*_file("ae"), *_file("sae")]
    return next((row["patient_id"] for row in rows if key in (row.get("ae_id"), row.get("sae_id"))), key[:4])


def _subject(patient: dict[str, str]) -> SubjectData:
    number = patient["patient_id"]
    forms: Rows = {}
    add = _adder(forms)
    for maker in (_baseline, _course, _events, _vital_signs, _laboratory, _mrd):
        maker(number, patient, add)
    return SubjectData(number=number, site=patient["site_id"], time_zone="Europe/Amsterdam", forms=forms)


def _adder(forms: Rows) -> Callable[..., int]:
    def add(crf: str, visit: str | None = None, moments: Any = None, **values: Any) -> int:
        blank = {field.name: None for field in item_fields(registry.get(crf).model)}
        rows = forms.setdefault(crf, [])
        row = Row(
            record_id=next(NUMBERS),
            crf=crf,
            sequence=len(rows) + 1,
            visit=visit,
            values=blank | values,
            moments=moments or {},
            imported=True,
        )
        rows.append(row)
        return row.record_id

    return add


def _baseline(number: str, patient: dict[str, str], add: Callable[..., int]) -> None:
    add("baseline", "screening", brthdat=_day(patient["birth_date"]), diagdat=_day(patient["diagnosis_date"]))
    add("screening", "screening", enrolled="Y", enroldat=_day(patient["enrolment_date"]))
    for row in _of(number, "screening", "screening_id"):
        add("consent", icdat=_day(row["consent_date"]), ickind="FIRST")


def _course(number: str, patient: dict[str, str], add: Callable[..., int]) -> None:
    segments = sorted(_of(number, "infusion_segments"), key=lambda row: row["start_datetime"])
    add(
        "infusion",
        "day_1",
        exstdtc=_moment(segments[0]["start_datetime"]),
        exendtc=_moment(segments[-1]["end_datetime"]),
        exongo="N",
        stop_reason=next(_of(number, "infusion"))["reason_stopped"],
    )
    for row in _of(number, "treatment_blocks"):
        add("treatment_block", block=row["block"], ecstdat=_day(row["start_date"]), ecendat=_day(row["end_date"]))
    for row in _of(number, "events"):
        if row["event_type"] == "DEATH":
            add("death", dthdat=_day(row["date"]))


def _events(number: str, patient: dict[str, str], add: Callable[..., int]) -> None:
    links: dict[str, int] = {}
    for row in [*_of(number, "ae"), *_of(number, "ae_out_of_window")]:
        term, specified = ctcae.code_free_text(row["term"], row["soc"])
        links[row["ae_id"]] = add(
            "adverse_event",
            aeterm=term.name,
            aespec=specified or None,
            aetoxgr=int(row["grade"]),
            aestdat=_day(row["start_date"]),
            aeongo="N",
            aeendat=_day(row["end_date"]),
            aerel=row["relatedness"],
            aeacn=row["action_taken"],
            aeout=row["outcome"],
            aeser="Y" if row["serious"] == "1" else "N",
            ctcae_version=row["ctcae_version"],
        )
    details = {row["sae_id"]: row for row in _file("sae_details")}
    for row in _of(number, "sae"):
        _sae(row, details[row["sae_id"]], links.get(row["linked_ae_id"]), add)
    for row in _of(number, "interruptions"):
        add(
            "interruption",
            intstdtc=_moment(row["stopped_at"]),
            intendtc=_moment(row["restarted_at"]),
            intreason="TOXICITY",
            ae=links[row["ae_id"]],
        )


def _sae(row: dict[str, str], detail: dict[str, str], linked: int | None, add: Callable[..., int]) -> None:
    aware, reported = _moment(detail["awareness_datetime"]), _moment(detail["reported_datetime"])
    criteria = dict.fromkeys(CRITERIA, "N") | {"shosp": "Y"}
    add(
        "serious_adverse_event",
        moments={"awaredtc": aware.replace(tzinfo=UTC), "reportdtc": reported.replace(tzinfo=UTC)},
        ae=linked,
        saeterm=row["term"],
        saetoxgr=int(row["grade"]),
        saestdat=_day(row["start_date"]),
        saerel=row["relatedness"],
        saeout=row["outcome"],
        awaredtc=aware,
        reportdtc=reported,
        narrative=detail["narrative"],
        **criteria,
    )


def _vital_signs(number: str, patient: dict[str, str], add: Callable[..., int]) -> None:
    for row in _of(number, "vitals"):
        add("vital_signs", VISITS[row["timepoint"]], vsdat=_day(row["date"]), temp=Decimal(row["temp_c"]))


def _laboratory(number: str, patient: dict[str, str], add: Callable[..., int]) -> None:
    samples: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in _of(number, "labs"):
        key = (row["timepoint"], row["sample_date"], row["laboratory"])
        test = row["testcd"].lower()
        samples.setdefault(key, {}).update(
            {
                test: Decimal(row["value"]),
                f"{test}_unit": row["unit"] or None,
                f"{test}_lln": Decimal(row["lln"]),
                f"{test}_uln": Decimal(row["uln"]),
            }
        )
    for (time_point, day, laboratory), values in samples.items():
        add("laboratory", VISITS.get(time_point), lbdat=_day(day), lbnam=laboratory, **values)


def _mrd(number: str, patient: dict[str, str], add: Callable[..., int]) -> None:
    samples: dict[str, int] = {}
    for row in _of(number, "mrd_samples"):
        visit = VISITS.get(row["timepoint"])
        samples[row["sample_id"]] = add(
            "mrd_sample",
            visit,
            timepoint=row["timepoint"] if visit else "UNSCHEDULED",
            msdat=_day(row["sample_date"]),
            material=row["material"],
        )
    for row in _of(number, "mrd_results"):
        add(
            "mrd_result",
            sample=samples[row["sample_id"]],
            target=row["target"],
            result=row["result"],
            value=_fraction(row["value"]),
            quant_range=_fraction(row["quantitative_range"]),
            sensitivity=_fraction(row["sensitivity"]),
        )


def _file(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _of(number: str, name: str, column: str = "patient_id") -> Iterator[dict[str, str]]:
    return (row for row in _file(name) if row[column] == number)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _fraction(text: str) -> Decimal | None:
    return Decimal(text) if text else None
