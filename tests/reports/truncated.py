"""The demo study's CSV files cut by hand: written from the rule of the data cut alone, without our code.

What starts after the cut is dropped, what ends after it has no end, nobody dies or relapses after it, and who was seen
later is last known alive on its day.
"""

from __future__ import annotations

from datetime import date

Row = dict[str, str]
Tables = dict[str, list[Row]]

# file -> the column that says when a row starts
STARTS = {
    "ae": "start_date", "ae_out_of_window": "start_date", "conmeds": "date", "deviations": "deviation_date",
    "end_of_induction": "assessment_date", "infusion_segments": "start_datetime", "interruptions": "stopped_at",
    "labs": "sample_date", "mrd_samples": "sample_date", "patients": "enrolment_date", "sae": "start_date",
    "screening": "consent_date", "treatment_blocks": "start_date", "vitals": "date",
}  # fmt: skip
# file -> the column that says when it ends, and what else then is not known yet
ENDS = {
    "ae": ("end_date", {"outcome": "NOT_RECOVERED"}),
    "ae_out_of_window": ("end_date", {"outcome": "NOT_RECOVERED"}),
    "infusion": ("intrathecal_date", {}),
    "infusion_segments": ("end_datetime", {"stop_reason": ""}),
    "interruptions": ("restarted_at", {"restart_dose_ug_m2_day": "", "full_dose_restored_at": ""}),
    "treatment_blocks": ("end_date", {}),
}


def truncated(tables: Tables, cut: date) -> Tables:
    last_day = f"{cut.isoformat()} 23:59:59"
    found = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for name, column in STARTS.items():
        found[name] = [row for row in found[name] if row[column] <= last_day]
    for name, (column, unknown) in ENDS.items():
        for row in found[name]:
            if row[column] > last_day:
                row |= {column: "", **unknown}
    _keep(found, "infusion", "patient_id", of="infusion_segments")
    _keep(found, "mrd_results", "sample_id", of="mrd_samples")
    _keep(found, "sae_details", "sae_id", of="sae")
    running = {row["patient_id"] for row in found["infusion_segments"] if not row["end_datetime"]}
    for row in found["infusion"]:
        row["reason_stopped"] = "" if row["patient_id"] in running else row["reason_stopped"]
    enrolled = {row["patient_id"] for row in found["patients"]}
    for row in found["screening"]:
        row["enrolled"] = row["enrolled"] if row["enrolled"] == "N" or row["screening_id"] in enrolled else ""
    found["events"] = [row for row in _events(tables["events"], cut) if row["patient_id"] in enrolled]
    return found


def _keep(found: Tables, name: str, key: str, *, of: str) -> None:
    kept = {row[key] for row in found[of]}
    found[name] = [row for row in found[name] if row[key] in kept]


def _events(events: list[Row], cut: date) -> list[Row]:
    day = cut.isoformat()
    found = [row for row in events if row["date"] <= day]
    seen_later = sorted({row["patient_id"] for row in events if row["date"] > day})
    nothing = dict.fromkeys(events[0], "")
    last = [{**nothing, "patient_id": who, "event_type": "LAST_CONTACT_ALIVE", "date": day} for who in seen_later]
    return found + last
