"""The audit trail: item by item, only what the reader may see, and the same when it is downloaded."""

import csv
import hashlib
import io
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import people
from tests.trial.pages import browser as signed_in
from trial import actions, audit_review, trail
from trial.exports.trail import COLUMNS, download
from trial.lifecycle import WrongState
from trial.models import AccessEvent, AuditReview, FormRecord, Site, Subject, User


def correct(record: FormRecord, by: User, **values: str) -> None:
    actions.save_form(record=record, values=values, by=by, reason="Read again", seen=None)


@pytest.mark.requirement("AT-11")
def test_a_correction_is_one_line_an_item(vital_signs: FormRecord, coordinator: User, inspector: User) -> None:
    correct(vital_signs, coordinator, sysbp="92", hr="121")
    wanted = replace(trail.reach(inspector), record=vital_signs.pk, crf="vital_signs", updates=True)
    found = {change.item: (change.old, change.new, change.by, change.reason) for change in trail.page(wanted, limit=50)}
    who = coordinator.full_name
    assert found == {"sysbp": ("90", "92", who, "Read again"), "hr": ("120", "121", who, "Read again")}


@pytest.mark.requirement("AT-11")
def test_corrections_are_of_answers_and_deletions_alone(
    vital_signs: FormRecord, coordinator: User, data_manager: User, inspector: User
) -> None:
    correct(vital_signs, coordinator, weight="")
    correct(vital_signs, coordinator, weight="6.8")  # an answer where there was none
    correct(vital_signs, coordinator, sysbp="92")
    query = actions.open_query(target=vital_signs, item="hr", text="Is this right?", by=data_manager)
    actions.close_query(query=query, by=data_manager, text="It is")
    vital_signs.refresh_from_db()
    actions.delete_form(record=vital_signs, by=coordinator, reason="Wrong child")
    wanted = replace(trail.reach(inspector), subject=vital_signs.subject_id, corrections=True)
    found = [(change.table, change.item) for change in trail.page(wanted, limit=50)]
    assert found == [
        ("trial_formrecord", "deleted_at"),
        ("trial_formrecord", "deleted_reason"),
        ("patients_vitalsigns", "sysbp"),
        ("patients_vitalsigns", "weight"),
    ]
    assert sorted((change.table, change.item) for change in trail.stream(wanted)) == sorted(found)
    later = replace(wanted, corrections=False, updates=True)  # with the answer where there was none
    assert len(trail.page(later, limit=50)) == len(found) + 1


def test_people_forms_and_sites_are_named_and_labels_are_words(
    vital_signs: FormRecord, coordinator: User, data_manager: User, inspector: User
) -> None:
    query = actions.open_query(target=vital_signs, item="hr", text="Is this right?", by=data_manager)
    actions.close_query(query=query, by=data_manager, text="It is")
    actions.deactivate(user=coordinator, by=User.objects.system(), reason="Left the hospital")
    said = {(c.form, c.label, c.new) for c in trail.page(trail.reach(inspector), limit=500)}
    name = coordinator.full_name
    assert said >= {
        ("Vital signs", "Query closed by", data_manager.full_name),
        ("Vital signs", "Query asked as", "Data manager"),
        ("Vital signs", "Query on the item", "Heart rate"),
        ("Vital signs", "Form", "Vital signs"),
        ("Visit Day 1", "Visit", "Day 1"),
        (f"Account of {name}", "Active", "no"),
        (f"Role of {name}", "Person", name),
        (f"Role of {name}", "Role", "Site coordinator"),
        (f"Role of {name}", "Site", "NL01"),
    }
    assert not [line for line in said if "No. " in line[2] or "crf" in line[1].lower() or "_" in line[1]]


def test_a_link_names_its_form(subject: Subject, coordinator: User) -> None:
    event = actions.new_record(subject=subject, crf_code="adverse_event")
    event = actions.save_form(record=event, values={"aetoxgr": "3"}, by=coordinator).record
    report = actions.new_record(subject=subject, crf_code="serious_adverse_event")
    report = actions.save_form(record=report, values={"ae": event.pk}, by=coordinator).record
    (linked,) = [c for c in trail.page(trail.Filter(record=report.pk), limit=50) if c.item == "ae"]
    assert linked.new == "Adverse event, No. 1"


@pytest.mark.requirement("AT-11")
def test_a_file_of_the_trail_goes_from_the_oldest_to_the_newest(
    vital_signs: FormRecord, coordinator: User, data_manager: User, inspector: User
) -> None:
    actions.open_query(target=vital_signs, item="hr", text="Is this right?", by=data_manager)
    correct(vital_signs, coordinator, sysbp="92")
    wanted = trail.reach(inspector)
    moments = [change.at for change in trail.stream(wanted, chunk=3)]
    assert moments == sorted(moments)
    whole = {(change.table, change.history_id, change.item) for change in trail.stream(wanted)}
    assert whole == {(c.table, c.history_id, c.item) for c in trail.page(wanted, limit=5000)}
    assert len(moments) == len(whole)


def test_a_page_of_the_whole_trail_takes_two_statements(vital_signs: FormRecord, inspector: User) -> None:
    wanted = trail.reach(inspector)
    with CaptureQueriesContext(connection) as made:
        assert trail.page(wanted, limit=50)
    assert len(made) == 2


def test_a_reader_sees_own_sites_and_own_forms_only(
    vital_signs: FormRecord, stranger: User, data_manager: User, monitor: User
) -> None:
    laboratory = people.make_user("mrd-laboratory")
    assert trail.page(trail.reach(stranger), limit=500) == []
    assert {change.form for change in trail.page(trail.reach(laboratory), limit=500)} == set()
    assert "Vital signs" in {change.form for change in trail.page(trail.reach(monitor), limit=500)}
    assert not {change.table for change in trail.page(trail.reach(monitor), limit=500)} & {
        "trial_user",
        "trial_membership",
    }
    assert "trial_membership" in {change.table for change in trail.page(trail.reach(data_manager), limit=500)}


def test_few_forms_everywhere_and_all_forms_somewhere_are_not_all_forms_everywhere(
    vital_signs: FormRecord, it02: Site
) -> None:
    both = people.make_user("mrd-laboratory", username="both")
    actions.grant(user=both, role_code="site-coordinator", site=it02, by=User.objects.system())
    assert trail.page(trail.reach(User.objects.get(pk=both.pk)), limit=500) == []


@pytest.mark.requirement("AT-11")
def test_the_download_reloads_to_the_count_and_hash_that_were_kept(
    vital_signs: FormRecord, coordinator: User, inspector: User
) -> None:
    correct(vital_signs, coordinator, sysbp="92")
    data = b"".join(download(wanted=trail.reach(inspector), by=inspector, role="inspector"))
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    event = AccessEvent.objects.get(event="audit trail downloaded")
    assert event.sha256 == hashlib.sha256(data).hexdigest()
    assert event.target == f"{len(rows)} changes"
    assert tuple(rows[0]) == COLUMNS
    corrected = [row for row in rows if row["item"] == "sysbp" and row["kind"] == "update"]
    assert [(row["old"], row["new"], row["username"]) for row in corrected] == [("90", "92", coordinator.username)]
    assert not [row for row in rows if row["table"].startswith("reports_")]


def test_a_cell_that_looks_like_a_formula_is_text(vital_signs: FormRecord, data_manager: User, inspector: User) -> None:
    actions.open_query(target=vital_signs, item="hr", text="=HYPERLINK(1)", by=data_manager)
    data = b"".join(download(wanted=trail.reach(inspector), by=inspector, role="inspector")).decode()
    assert "'=HYPERLINK(1)" in data
    assert ",=HYPERLINK" not in data


def test_pages_and_their_filters(vital_signs: FormRecord, coordinator: User, inspector: User) -> None:
    correct(vital_signs, coordinator, sysbp="92")
    client = signed_in(inspector)
    form_page = client.get(reverse("form-history", args=[vital_signs.pk])).content.decode()
    assert "Systolic" in form_page
    assert "Read again" in form_page
    number = vital_signs.subject.number
    assert "Systolic" in client.get(reverse("subject-history", args=[number])).content.decode()
    study = reverse("study-history")
    assert "Read again" in client.get(f"{study}?updates=on&user={coordinator.pk}&form=vital_signs").content.decode()
    assert "Read again" not in client.get(f"{study}?user={inspector.pk}").content.decode()
    assert "No change" in client.get(f"{study}?first=1 jan 2099").content.decode()
    lines = client.get(reverse("form-history", args=[vital_signs.pk])).context["lines"]
    reasons = {(line["change"].table, line["change"].item, line["change"].old): line["reason"] for line in lines}
    assert reasons["patients_vitalsigns", "hr", ""] == "first entry"
    assert reasons["trial_formrecord", "state", "in progress"] == ""


def test_a_day_that_cannot_be_read_is_said_and_no_file_is_made(vital_signs: FormRecord, data_manager: User) -> None:
    client = signed_in(data_manager)
    assert "no such month: 13" in client.get(f"{reverse('study-history')}?first=32/13/2026").content.decode()
    for address in (
        f"{reverse('study-history')}?first=32/13/2026&as=csv",
        f"{reverse('queries-csv')}?older=abc",
        f"{reverse('matrix-csv')}?state=bogus",
        f"{reverse('subjects')}?state=bogus&format=csv",
    ):
        answer = client.get(address)
        assert answer.status_code == 422
        assert "No file was made" in answer.content.decode()
    assert not AccessEvent.objects.filter(event__contains="downloaded").exists()


def test_no_change_stands_on_two_pages(
    vital_signs: FormRecord, inspector: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trial.views.history.PAGE", 2)
    client, address = signed_in(inspector), reverse("subject-history", args=[vital_signs.subject.number])
    pages = [
        {
            (line["change"].table, line["change"].history_id)
            for line in client.get(address, {"page": page}).context["lines"]
        }
        for page in (1, 2)
    ]
    assert len(pages[0]) == 2
    assert not pages[0] & pages[1]


@pytest.mark.requirement("AT-14")
def test_planted_anomalies_are_listed_and_marked(
    vital_signs: FormRecord, coordinator: User, data_manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol = audit_review.protocol.get()
    monkeypatch.setitem(protocol.end_points, "vital_signs", ("weight",))
    correct(vital_signs, coordinator, weight="6.9", sysbp="92")
    kinds = {kind.code: kind for kind in audit_review.KINDS}
    client = signed_in(data_manager)
    page = client.get(reverse("audit-review"))
    assert "6.8 → 6.9" in page.content.decode()
    assert "90 → 92" not in page.content.decode()
    through = page.context["through"]
    sent = {"kind": "end points", "through": through, "note": "Checked against the chart"}
    assert client.post(reverse("audit-mark-reviewed"), sent).status_code == 302
    done = AuditReview.objects.get()
    assert (done.changes, done.by, done.note) == (1, data_manager, "Checked against the chart")
    assert audit_review.section(kinds["end points"], through=done.at).lines == ()
    with pytest.raises(WrongState, match="meanwhile"):
        actions.review_audit(by=data_manager, kind="end points", through=done.through)


@pytest.mark.requirement("AT-14")
def test_a_late_entry_is_listed(subject: Subject, coordinator: User) -> None:
    visit = subject.visits.get(code="day_1")
    with actions.forms.history(by=User.objects.system(), role="system"):
        visit.closes = visit.opens = visit.target = "2024-01-05"
        visit.save()
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=visit)
    actions.save_form(record=record, values=people.VITAL_SIGNS, by=coordinator)
    (late,) = audit_review.late_entries(audit_review.START, record.created_at)
    assert late.record == record.pk
    assert "days after the window had closed" in late.text
