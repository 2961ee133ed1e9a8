"""Rows to drafts of the forms of `patients`. Pure."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from reports.importing import codes, layout
from reports.importing.drafts import Draft, put_end
from reports.importing.reading import Row
from reports.importing.study import Study

CRITERIA = tuple(layout.CRITERIA.split())


def consent(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("consent", row["screening_id"], row["screening_id"], row)
    draft.take(icdat="consent_date", icver="consent_version").say("ickind", "FIRST", "consent_date")
    yield draft


def screening(row: Row, study: Study) -> Iterator[Draft]:
    subject = row["screening_id"]
    draft = Draft("screening", subject, subject, row, "screening")
    draft.take(**{name: name for name in (*CRITERIA, "eligible", "enrolled", "failure_reason")})
    patient = study.one(layout.PATIENTS, "patient_id", subject)
    if patient:
        draft.take(patient, enroldat="enrolment_date")
    yield draft


def baseline(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("baseline", row["patient_id"], row["patient_id"], row, "screening")
    draft.take(
        brthdat="birth_date",
        sex="sex",
        diagdat="diagnosis_date",
        wbc="wbc_10e9_l",
        cns="cns_at_diagnosis",
        predresp="prednisone_response",
        riskgrp="risk_group",
    )
    _put_coded(draft, "kmt2a_partner", "kmt2a_other", "kmt2a_partner", codes.KMT2A_PARTNER)
    _compare_age(draft, row)
    yield draft


def _put_coded(draft: Draft, item: str, other: str, column: str, table: Mapping[str, str]) -> None:
    """Code a free text; a text that the table lacks is OTHER, in its own words."""
    text = draft.row[column]
    code = table.get(text)
    if code or not text:
        draft.say(item, code or "", column)
        return
    draft.say(item, "OTHER", column)
    if text.upper() != "OTHER":
        draft.say(other, text, column)


def _compare_age(draft: Draft, row: Row) -> None:
    born, diagnosed, told = row.date("birth_date"), row.date("diagnosis_date"), row.whole("age_days_at_diagnosis")
    if born and diagnosed and told is not None and (diagnosed - born).days != told:
        draft.differs(
            "brthdat",
            f"The source gives an age of {told} days at diagnosis; birth and diagnosis date give"
            f" {(diagnosed - born).days}. Which is right?",
        )


def end_of_induction(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("end_of_induction", row["patient_id"], row["patient_id"], row, "screening")
    draft.take(eoidat="assessment_date", blast_pct="blast_pct", eoi_cns="cns_involvement")
    patient = study.one(layout.PATIENTS, "patient_id", row["patient_id"])
    if patient:
        _compare(draft, "blast_pct", row, "blast_pct", patient, "eoi_blast_pct", "% blasts")
    yield draft


def _compare(draft: Draft, item: str, row: Row, column: str, other: Row, other_column: str, unit: str) -> None:
    """A question where two files tell one number differently. An empty cell tells nothing."""
    here, there = row.number(column), other.number(other_column)
    if None not in (here, there) and here != there:
        draft.differs(
            item, f"{row.file} gives {row[column]} {unit}, {other.file} {other[other_column]}. Which is right?"
        )


def treatment_block(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("treatment_block", row["patient_id"], row["block_id"], row)
    draft.take(block="block", ecstdat="start_date", ecnote="note")
    put_end(draft, ongoing="econgo", end="ecendat", column="end_date")
    as_protocol = row.code("protocol_deviation", codes.AS_PROTOCOL)
    draft.say("as_protocol", codes.AS_PROTOCOL.get(as_protocol, ""), "protocol_deviation")
    yield draft


# --- infusion ------------------------------------------------------------------------------------------------------


def infusion(row: Row, study: Study) -> Iterator[Draft]:
    """Start and stop are those of the first and last segment."""
    subject = row["patient_id"]
    draft = Draft("infusion", subject, subject, row, "day_1")
    draft.take(
        weight="weight_kg",
        height="height_cm",
        bsa="bsa_m2",
        planned_dose="planned_dose_ug_m2_day",
        dexdtc="dexamethasone_datetime",
        dex_mg="dexamethasone_mg",
        itdat="intrathecal_date",
        stop_reason="reason_stopped",
    )
    segments = segments_of(subject, study)
    if segments:
        draft.take(segments[0], exstdtc="start_datetime")
        put_end(draft, ongoing="exongo", end="exendtc", column="end_datetime", row=segments[-1])
        _compare(draft, "bsa", row, "bsa_m2", segments[0], "bsa_m2", "m²")
    yield draft


def segments_of(subject: str, study: Study) -> list[Row]:
    """The segments of one infusion, earliest first. Raises RowRefused where one lacks its start."""
    rows = study.of_subject(layout.SEGMENTS, subject)
    for row in rows:
        row.needed("start_datetime")
    return sorted(rows, key=lambda row: str(row.moment("start_datetime")))


def dose_change(row: Row, study: Study) -> Iterator[Draft]:
    """A segment that follows another at once, at another dose: unless it is the full dose after an interruption."""
    before = _segment_before(row, study)
    if before is None or row.number("dose_ug_m2_day") == before.number("dose_ug_m2_day"):
        return
    changed = row.moment("start_datetime")
    if before.moment("end_datetime") != changed or changed in _restored(row["patient_id"], study):
        return
    draft = Draft("dose_change", row["patient_id"], f"{row['patient_id']}/{row['segment_no']}", row)
    draft.take(dcdtc="start_datetime", dcdose="dose_ug_m2_day").take(before, dcreason="stop_reason")
    yield draft


def _restored(subject: str, study: Study) -> set[object]:
    """Moments of which an interruption says that the dose was full again."""
    return {row.moment("full_dose_restored_at") for row in study.of_subject(layout.INTERRUPTIONS, subject)}


def _segment_before(row: Row, study: Study) -> Row | None:
    return next((a for a, b in pairwise(segments_of(row["patient_id"], study)) if b is row), None)


def segment(row: Row, study: Study) -> Iterator[Draft]:
    """Makes no form of its own: it belongs to an infusion, and interruptions.csv has to know the stop before it."""
    if study.one(layout.INFUSION, "patient_id", row["patient_id"]) is None:
        raise row.refused("patient_id", f"There is no infusion of {row['patient_id']} in infusion.csv.")
    before = _segment_before(row, study)
    if before is None:
        return
    stopped, restarted = before.moment("end_datetime"), row.moment("start_datetime")
    told = {other.moment("stopped_at") for other in study.of_subject(layout.INTERRUPTIONS, row["patient_id"])}
    if stopped != restarted and stopped not in told:
        raise row.refused("start_datetime", f"The infusion stood still from {stopped} on; interruptions.csv lacks it.")
    yield from ()


def interruption(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("interruption", row["patient_id"], f"{row['patient_id']}/{row['interruption_no']}", row)
    draft.take(
        intstdtc="stopped_at", restart_dose="restart_dose_ug_m2_day", full_dtc="full_dose_restored_at", intnote="reason"
    )
    put_end(draft, ongoing="intongo", end="intendtc", column="restarted_at")
    code = codes.INTERRUPTION_REASON.get(row["reason"], "OTHER") if row["reason"] else ""
    draft.say("intreason", code, "reason")
    if row["ae_id"]:
        if row["ae_id"] not in study.adverse_events:
            raise row.refused("ae_id", f"There is no adverse event {row['ae_id']} in ae.csv.")
        draft.link("ae", ("adverse_event", row["ae_id"]), "ae_id")
    restart = _segment_at(row, study)
    if restart:
        _compare(draft, "restart_dose", row, "restart_dose_ug_m2_day", restart, "dose_ug_m2_day", "µg/m²/day")
    yield draft


def _segment_at(row: Row, study: Study) -> Row | None:
    restarted = row.moment("restarted_at")
    segments = study.of_subject(layout.SEGMENTS, row["patient_id"])
    return next((each for each in segments if restarted and each.moment("start_datetime") == restarted), None)


def vital_signs(row: Row, study: Study) -> Iterator[Draft]:
    row.code("timepoint", codes.VISITS)
    subject = row["patient_id"]
    draft = Draft("vital_signs", subject, f"{subject}/{row['timepoint']}", row, codes.VISITS[row["timepoint"]])
    draft.take(vsdat="date", temp="temp_c", sysbp="sbp_mmhg", diabp="dbp_mmhg", hr="hr_bpm", weight="weight_kg")
    yield draft


# --- events --------------------------------------------------------------------------------------------------------


def event(row: Row, study: Study) -> Iterator[Draft]:
    kind = row["event_type"]
    known = (*sorted(codes.DISEASE_EVENTS), *codes.CELL_THERAPIES, "DEATH", "LAST_CONTACT_ALIVE")
    row.code("event_type", known)
    if kind in codes.DISEASE_EVENTS:
        yield _disease_event(row)
    elif kind in codes.CELL_THERAPIES:
        yield _cell_therapy(row, study)
    elif kind == "DEATH":
        yield _death(row)
    else:
        yield _follow_up(row)


def _event_draft(crf: str, row: Row) -> Draft:
    return Draft(crf, row["patient_id"], f"{row['patient_id']}/{row['event_type']}/{row['date']}", row)


def _disease_event(row: Row) -> Draft:
    draft = _event_draft("disease_event", row).take(deevent="event_type", dedat="date", denote="note")
    row.code("immunophenotype", codes.IMMUNOPHENOTYPE)
    for item, code in codes.IMMUNOPHENOTYPE.get(row["immunophenotype"], {}).items():
        draft.say(item, code, "immunophenotype")
    if row["event_type"] == "RELAPSE" and row["site_of_relapse"]:
        _put_sites(draft, row["site_of_relapse"])
    return draft


def _put_sites(draft: Draft, text: str) -> None:
    """`BM+CNS` names all sites of the relapse: the others are No."""
    named = [part.strip() for part in text.split("+")]
    others = [name for name in named if name not in codes.RELAPSE_SITES]
    for name, item in codes.RELAPSE_SITES.items():
        draft.say(item, "Y" if name in named else "N", "site_of_relapse")
    draft.say("site_other", "Y" if others else "N", "site_of_relapse")
    if others:
        note = "; ".join(filter(None, [", ".join(others), draft.values["denote"]]))
        draft.say("denote", note, "site_of_relapse")


def _cell_therapy(row: Row, study: Study) -> Draft:
    kind = codes.CELL_THERAPIES[row["event_type"]]
    draft = _event_draft("transplantation", row).take(trdat="date", remission="remission_no")
    draft.say("trkind", kind, "event_type")
    blocks = [block for block in study.of_subject(layout.BLOCKS, row["patient_id"]) if block["block"] == kind]
    same_day = [block for block in blocks if block["start_date"] == row["date"]]
    if same_day or len(blocks) == 1:
        draft.link("block", ("treatment_block", (same_day or blocks)[0]["block_id"]), "date")
    return draft


def _death(row: Row) -> Draft:
    draft = _event_draft("death", row).take(dthdat="date", dthcause_text="cause")
    answers = codes.DEATH.get(row["cause"], {"dthcause": "OTHER"} if row["cause"] else {})
    for item, code in answers.items():
        draft.say(item, code, "cause")
    return draft


def _follow_up(row: Row) -> Draft:
    draft = _event_draft("follow_up", row).take(fudat="date")
    draft.say("alive", "Y", "event_type")
    draft.at_visit_of = row.date("date")
    return draft


def deviation(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("deviation", row["patient_id"], f"{row['patient_id']}/{row['deviation_no']}", row)
    draft.take(dvcat="category", dvstdat="deviation_date", dvterm="description")
    draft.say("dvconf", "Y", "category")  # the file lists those that the trial has confirmed
    yield draft


def concomitant(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("concomitant", row["patient_id"], f"{row['patient_id']}/{row['drug']}/{row['date']}", row)
    draft.take(cmstdat="date")
    _put_coded(draft, "cmtrt", "cmtrt_other", "drug", codes.DRUG)
    yield draft
