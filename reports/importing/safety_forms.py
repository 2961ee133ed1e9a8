"""Rows to drafts of the forms of `safety`. Pure."""

from collections.abc import Iterator

from reports.importing import codes, layout
from reports.importing.drafts import Draft, put_end
from reports.importing.reading import Row
from reports.importing.study import Study
from safety import ctcae


def adverse_event(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("adverse_event", row["patient_id"], row["ae_id"], row)
    draft.take(
        ctcae_version="ctcae_version",
        aetoxgr="grade",
        aestdat="start_date",
        aerel="relatedness",
        aeacn="action_taken",
        aeout="outcome",
    )
    _put_term(draft, "ae", row["soc"])
    put_end(draft, ongoing="aeongo", end="aeendat", column="end_date")
    draft.say("aeser", codes.YES_NO.get(row.code("serious", codes.YES_NO), ""), "serious")
    if row["sae_id"] and study.one(layout.SAE, "sae_id", row["sae_id"]) is None:
        raise row.refused("sae_id", f"There is no serious adverse event {row['sae_id']} in sae.csv.")
    yield draft


def _put_term(draft: Draft, prefix: str, soc: str) -> None:
    """The CTCAE term of the reported text; what v4.03 lacks is “Other, specify” of its class, in its own words."""
    text = draft.row.needed("term")
    try:
        term, specified = (ctcae.term(text), "") if not soc else ctcae.code_free_text(text, soc)
    except ctcae.UnknownTerm as unknown:
        raise draft.row.refused("soc" if soc else "term", str(unknown)) from None
    except ctcae.TermOfOtherSoc as other:
        raise draft.row.refused("soc", str(other)) from None
    draft.say(f"{prefix}term", term.name, "term")
    draft.say(f"{prefix}spec", specified, "term")


def serious_adverse_event(row: Row, study: Study) -> Iterator[Draft]:
    draft = Draft("serious_adverse_event", row["patient_id"], row["sae_id"], row)
    draft.take(saetoxgr="grade", saestdat="start_date", saerel="relatedness", saeout="outcome")
    _put_term(draft, "sae", _class_of(row))
    draft.say("sdth", codes.YES_NO.get(row.code("fatal", codes.YES_NO), ""), "fatal")
    row.code("seriousness", codes.SERIOUSNESS)
    if row["seriousness"]:
        draft.say(codes.SERIOUSNESS[row["seriousness"]], "Y", "seriousness")
    if row.code("led_to_permanent_discontinuation", ("0", "1")) == "1":
        draft.say("saeacn", "WITHDRAWN", "led_to_permanent_discontinuation")
    _link_event(draft, row, study)
    details = study.one(layout.SAE_DETAILS, "sae_id", row["sae_id"])
    if details:
        draft.take(details, awaredtc="awareness_datetime", reportdtc="reported_datetime", narrative="narrative")
    yield draft


def _class_of(row: Row) -> str:
    """The class is needed only for a text that CTCAE lacks; the file names none, but its category does."""
    try:
        ctcae.term(row.needed("term"))
    except ctcae.UnknownTerm:
        return codes.SAE_CATEGORY_SOC.get(row["category"], "")
    return ""


def _link_event(draft: Draft, row: Row, study: Study) -> None:
    linked = row["linked_ae_id"]
    if not linked:
        return
    event = study.adverse_events.get(linked)
    if event is None:
        raise row.refused("linked_ae_id", f"There is no adverse event {linked} in ae.csv.")
    if event["patient_id"] != row["patient_id"]:
        raise row.refused("linked_ae_id", f"{linked} is an adverse event of {event['patient_id']}.")
    draft.link("ae", ("adverse_event", linked), "linked_ae_id")
    if event["sae_id"] and event["sae_id"] != row["sae_id"]:
        sae, file = event["sae_id"], event.file
        draft.differs("ae", f"{row.file} links {linked} to this form, {file} links it to {sae}. Which is right?")


def sae_details(row: Row, study: Study) -> Iterator[Draft]:
    """Details stand on the form of their SAE; here is only asked whether it exists."""
    if study.one(layout.SAE, "sae_id", row["sae_id"]) is None:
        raise row.refused("sae_id", f"There is no serious adverse event {row['sae_id']} in sae.csv.")
    yield from ()


def laboratory_key(row: Row) -> tuple[str, ...]:
    """What names a sample: its time point; an unscheduled one its day."""
    row.code("timepoint", (*codes.VISITS, codes.UNSCHEDULED))
    unscheduled = row["timepoint"] == codes.UNSCHEDULED
    return (row["patient_id"], row["timepoint"], *([row["sample_date"]] if unscheduled else []))


def laboratory(rows: list[Row], study: Study) -> Iterator[Draft]:
    """One form for all tests of one sample."""
    first = rows[0]
    visit = codes.VISITS.get(first["timepoint"])
    draft = Draft("laboratory", first["patient_id"], "/".join(laboratory_key(first)), first, visit)
    draft.take(lbdat="sample_date", lbnam="laboratory")
    for row in rows:
        _put_test(draft, row, first)
    yield draft


def _put_test(draft: Draft, row: Row, first: Row) -> None:
    for column in ("sample_date", "laboratory"):
        if row[column] != first[column]:
            raise row.refused(column, f"“{row[column]}” is not that of the sample's first test, “{first[column]}”.")
    test = codes.LAB_TESTS[row.code("testcd", codes.LAB_TESTS)]
    columns = {test: "value", f"{test}_unit": "unit", f"{test}_lln": "lln", f"{test}_uln": "uln"}
    draft.take(row, **columns)
