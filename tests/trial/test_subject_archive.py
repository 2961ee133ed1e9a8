"""The investigator's own copy of a subject: complete on paper and as CSV, and compared with the database."""

import csv
import hashlib
import io
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.access.world import enter_blank
from tests.every_crf import made_up
from tests.people import VITAL_SIGNS, make_user
from tests.reports.pdf_text import pages_of
from tests.trial.pages import browser
from tests.trial.signing import sign
from trial import actions, listing
from trial.actions import verification
from trial.crf import registry
from trial.exports import subject_archive
from trial.exports.archive_compare import rows_of
from trial.exports.subject_casebook import Made, printable
from trial.models import AccessEvent, FormRecord, ReviewKind, Subject, User, item_fields


def download(subject: Subject, by: User) -> bytes:
    answer = browser(by).get(reverse("subject-archive", args=[subject.number]))
    assert answer.status_code == 200
    return bytes(answer.content)


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(parts: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(parts[name].decode("utf-8-sig"), newline="")))


def on_paper(content: bytes) -> str:
    """All that is printed, without blanks: a reader of PDF cannot tell a gap from a space."""
    return "".join("".join(pages_of(content)).split())


def missing_on(paper: str, texts: list[str]) -> list[str]:
    return [text for text in texts if "".join(text.split()) not in paper]


def correct(record: FormRecord, by: User, **values: Any) -> FormRecord:
    fresh = FormRecord.objects.get(pk=record.pk)
    values = {**VITAL_SIGNS, **values}
    return actions.save_form(
        record=fresh, values=values, by=by, expected_version=fresh.version, reason="Read 37.2 for 38.1"
    ).record


def compared(content: bytes, folder: Path) -> str:
    """What the command prints. Raises CommandError as it does."""
    file, said = folder / "copy.zip", io.StringIO()
    file.write_bytes(content)
    try:
        call_command("compare_archive", str(file), stdout=said)
    except CommandError as failed:
        return f"{said.getvalue()}\nFAILED {failed}"
    return said.getvalue()


@pytest.fixture
def lived(vital_signs: FormRecord, investigator: User, monitor: User, data_manager: User, coordinator: User) -> Subject:
    """A subject with a form that was signed, verified, queried and then corrected, one of every CRF, one deleted."""
    subject = vital_signs.subject
    for spec in registry.all_specs():
        if spec.code != "vital_signs":
            enter_blank(subject, spec.code, coordinator)
    sign(vital_signs, investigator)
    verification.mark(record=vital_signs, kind=ReviewKind.SDV, items=["hr"], by=monitor, expected_version=1)
    query = actions.open_query(target=vital_signs, item="temp", text="Was that axillary?", by=data_manager)
    actions.answer_query(query=query, text="No, 直腸 (rectal)", by=coordinator)
    correct(vital_signs, coordinator, temp="38.1")
    return subject


def in_csv(value: Any) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)


def answers_on_pages(record: FormRecord, values: dict[str, Any]) -> list[str]:
    """Each item that has an answer, as question, answer and unit."""
    fields = {field.name: field for field in item_fields(record.spec.model)}
    return [
        f"{item.label} {listing.shown(fields[item.name], value, record.time_zone)}"
        + (f" ({record.time_zone})" if isinstance(value, datetime) else f" {item.unit}")
        for item in record.spec.items
        if (value := values[item.name]) is not None and not fields[item.name].is_relation
    ]


@pytest.fixture
def full(subject: Subject, coordinator: User) -> Subject:
    """A subject with a made-up answer for every item of every CRF, and a deleted form with a missing one."""
    links = ("deviation", "mrd_result")  # these make the form that they link to, which stands once at its visit
    for code in ["consent", *links, *(spec.code for spec in registry.all_specs())]:
        if not FormRecord.objects.filter(subject=subject, crf_code=code).exists():
            made_up.save(registry.get(code), subject, coordinator)
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_8"))
    values = {**VITAL_SIGNS, "vsdat": "2024-03-11", "temp": None}
    missing = {"temp": {"code": "ND", "reason": "thermometer broken"}}
    record = actions.save_form(record=record, values=values, missing_codes=missing, by=coordinator).record
    actions.delete_form(record=record, by=coordinator, reason="Wrong child")
    return subject


@pytest.mark.requirement("IC-01")
@pytest.mark.requirement("IC-02")
def test_every_answer_of_the_database_is_in_csv_and_pdf(full: Subject, investigator: User) -> None:
    parts = parts_of(download(full, investigator))
    records = list(FormRecord.objects.filter(subject=full))
    assert {record.crf_code for record in records} == {spec.code for spec in registry.all_specs()}
    told: Counter[str] = Counter()
    for record in records:
        (row,) = [row for row in table(parts, f"data/{record.crf_code}.csv") if row["record_id"] == str(record.pk)]
        kept = record.answers()
        values = {field.name: getattr(kept, field.attname) for field in item_fields(record.spec.model)}
        assert {name: row[name] for name in values} == {name: in_csv(value) for name, value in values.items()}
        told.update(answers_on_pages(record, values))
    paper = on_paper(parts["casebook.pdf"])
    assert [text for text, times in told.items() if paper.count("".join(text.split())) < times] == []
    also = ["Temperature Not done (thermometer broken)", "Reason: Wrong child", f"Casebook of subject {full.number}"]
    assert missing_on(paper, also) == []
    (without,) = [row for row in table(parts, "data/vital_signs.csv") if row["temp_missing"]]
    assert [without[name] for name in ("temp", "temp_missing", "deleted_reason")] == [
        "", "ND: thermometer broken", "Wrong child",
    ]  # fmt: skip


@pytest.mark.requirement("ES-01")
@pytest.mark.requirement("IC-02")
def test_the_casebook_shows_signature_query_verification_and_change(lived: Subject, investigator: User) -> None:
    parts = parts_of(download(lived, investigator))
    signature = lived.signatures.get()
    told = [
        "Investigator Person, investigator", f"{signature.at:%H:%M} UTC", "Europe/Amsterdam", signature.meaning,
        signature.statement, "by a change of Site Coordinator Person. Reason: Read 37.2 for 38.1",
        "Source data verified: Heart rate; last", "Monitor Person, monitor",
        "Temperature: Was that axillary? Answered, opened",
        "No, [U+76F4][U+8178] (rectal)", "Not entered: ",
    ]  # fmt: skip
    assert missing_on(on_paper(parts["casebook.pdf"]), told) == []
    (signed,) = table(parts, "signatures.csv")
    assert (signed["printed_name"], signed["void_items"], signed["time_zone"]) == (
        "Investigator Person", "temp", "Europe/Amsterdam",
    )  # fmt: skip
    change = next(row for row in table(parts, "audit-trail.csv") if row["item"] == "temp" and row["kind"] == "update")
    assert [change[name] for name in ("old", "new", "by", "reason")] == [
        "37.2", "38.1", "Site Coordinator Person", "Read 37.2 for 38.1",
    ]  # fmt: skip
    assert "No, 直腸 (rectal)" in [row["text"] for row in table(parts, "query-threads.csv") if row["step"] == "answer"]
    with pikepdf.open(io.BytesIO(parts["casebook.pdf"])) as paper, paper.open_outline() as outline:
        assert "Day 1" in [entry.title for entry in outline.root]
        assert "Vital signs (Day 1)" in [leaf.title for entry in outline.root for leaf in entry.children]


@pytest.mark.requirement("IC-01")
def test_the_manifest_names_each_part_and_the_download_is_on_record(lived: Subject, investigator: User) -> None:
    content = download(lived, investigator)
    parts = parts_of(content)
    manifest = json.loads(parts.pop("manifest.json"))
    assert {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()} == {
        name: said["sha256"] for name, said in manifest["parts"].items()
    }
    assert {name: len(table(parts, name)) for name in parts if name.endswith(".csv")} == manifest["rows"]
    assert (manifest["subject"], manifest["role"], manifest["made_by"]["username"]) == (
        lived.number, "Investigator", "investigator",
    )  # fmt: skip
    event = AccessEvent.objects.get(event="subject archive downloaded")
    assert (event.user, event.role, event.sha256) == (investigator, "investigator", hashlib.sha256(content).hexdigest())


@pytest.mark.requirement("IC-01")
def test_a_copy_agrees_until_something_is_changed_on_either_side(
    lived: Subject, vital_signs: FormRecord, investigator: User, coordinator: User, tmp_path: Path
) -> None:
    content = download(lived, investigator)
    assert "agrees with the database field by field" in compared(content, tmp_path)
    at = content.index(b"data/vital_signs.csv") + 60
    spoiled = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    said = compared(spoiled, tmp_path)
    assert "data/vital_signs.csv cannot be read" in said
    assert "No download of this file is on record" in said
    correct(vital_signs, coordinator, temp="39.5", hr=121)
    said = compared(content, tmp_path)
    assert f"data/vital_signs.csv, {vital_signs.pk}, temp: the copy has “38.1”, the database “39.5”." in said
    assert f"data/vital_signs.csv, {vital_signs.pk}, hr: the copy has “120”, the database “121”." in said
    assert "audit-trail.csv, patients_vitalsigns" in said
    assert "FAILED" in said


def test_a_copy_whose_manifest_was_made_to_fit_is_found(lived: Subject, investigator: User, tmp_path: Path) -> None:
    parts = parts_of(download(lived, investigator))
    parts["data/vital_signs.csv"] = parts["data/vital_signs.csv"].replace(b"38.1", b"36.1")
    manifest = json.loads(parts["manifest.json"])
    manifest["parts"]["data/vital_signs.csv"]["sha256"] = hashlib.sha256(parts["data/vital_signs.csv"]).hexdigest()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as forged:
        for name, part in {**parts, "manifest.json": json.dumps(manifest).encode(), "more.txt": b"?"}.items():
            forged.writestr(name, part)
    said = compared(file.getvalue(), tmp_path)
    assert "temp: the copy has “36.1”, the database “38.1”." in said
    assert "No download of this file is on record" in said
    assert "more.txt is in the archive and not in its manifest." in said
    assert "cannot be opened" in compared(b"no zip", tmp_path)


def test_equal_data_give_equal_bytes_but_for_when_it_was_made(vital_signs: FormRecord) -> None:
    first, later = (datetime(2024, 1, day, 12, tzinfo=UTC) for day in (3, 4))

    def parts(at: datetime) -> dict[str, bytes]:
        made = Made(at=at, by="Ida Person", username="ida", role="Investigator")
        return parts_of(subject_archive.build(vital_signs.subject, made).content)

    assert parts(first) == parts(first)
    assert {name for name, part in parts(first).items() if parts(later)[name] != part} == {
        "casebook.pdf", "manifest.json",
    }  # fmt: skip


@pytest.mark.requirement("IC-01")
def test_who_sees_the_whole_subject_takes_the_archive_and_nobody_else(
    subject: Subject, coordinator: User, stranger: User
) -> None:
    laboratory = make_user("mrd-laboratory")
    url = reverse("subject-archive", args=[subject.number])
    casebook = reverse("casebook", args=[subject.number])
    assert [browser(user).get(url).status_code for user in (coordinator, laboratory, stranger)] == [200, 403, 404]
    assert url in browser(coordinator).get(casebook).content.decode()
    assert url not in browser(laboratory).get(casebook).content.decode()
    assert AccessEvent.objects.filter(event="subject archive downloaded").count() == 1


def test_letters_without_a_glyph_stand_as_their_numbers_and_rows_are_named_by_their_keys() -> None:
    assert printable({"a": ["Mädchen ≥ 5 µg\x7f 直", 3]}) == {"a": ["Mädchen ≥ 5 µg[U+007F] [U+76F4]", 3]}
    assert rows_of("\ufeffa,b,c\r\n1,2,x\r\n".encode(), ("a", "b")) == {("1", "2"): {"a": "1", "b": "2", "c": "x"}}
