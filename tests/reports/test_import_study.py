"""The synthetic trial as it stands after the import."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from reports.demo.load import DATA
from reports.importing.loading import import_study
from reports.models import HistoricalDataset
from trial.actions import forms
from trial.crf import registry
from trial.models import FormRecord, OutboxMail, Query, Site, Subject, User

pytestmark = pytest.mark.usefixtures("imported_trial")


def only(crf: str, number: str, **values: object) -> Any:
    return registry.get(crf).model.objects.get(record__subject__number=number, **values)


def test_every_form_of_the_folder_is_there() -> None:
    assert (Site.objects.count(), Subject.objects.count()) == (12, 36)
    assert Subject.objects.filter(synthetic=True, state="enrolled").count() == 30
    assert Subject.objects.filter(state="screen failed", number__startswith="SF").count() == 6
    counted = {crf: FormRecord.objects.filter(crf_code=crf).count() for crf in (
        "consent", "screening", "baseline", "end_of_induction", "treatment_block", "infusion", "dose_change",
        "interruption", "vital_signs", "adverse_event", "serious_adverse_event", "laboratory", "mrd_sample",
        "mrd_result", "disease_event", "transplantation", "death", "follow_up", "deviation", "concomitant",
        "neurological", "disposition",
    )}  # fmt: skip
    assert counted == {
        "consent": 36, "screening": 36, "baseline": 30, "end_of_induction": 30, "treatment_block": 138,
        "infusion": 30, "dose_change": 0, "interruption": 1, "vital_signs": 150, "adverse_event": 82,
        "serious_adverse_event": 10, "laboratory": 206, "mrd_sample": 163, "mrd_result": 282, "disease_event": 8,
        "transplantation": 12, "death": 2, "follow_up": 28, "deviation": 5, "concomitant": 17,
        "neurological": 0, "disposition": 0,
    }  # fmt: skip


def test_a_screening_failure_has_its_reason_and_no_other_form() -> None:
    records = FormRecord.objects.filter(subject__number="SF02")
    assert sorted(records.values_list("crf_code", flat=True)) == ["consent", "screening"]
    assert only("screening", "SF02").failure_reason == "no KMT2A rearrangement"


def test_moments_are_the_wall_clock_of_the_site() -> None:
    infusion = only("infusion", "S001")
    assert infusion.exstdtc == datetime(2018, 7, 28, 7, 45, tzinfo=UTC)  # 09:45 in Amsterdam
    assert infusion.exendtc == datetime(2018, 8, 25, 7, 45, tzinfo=UTC)
    assert (infusion.exongo, infusion.stop_reason) == ("N", "COMPLETED")


def test_an_interrupted_infusion_is_one_infusion_with_its_interruption() -> None:
    infusion, interruption = only("infusion", "S011"), only("interruption", "S011")
    assert (infusion.exendtc - infusion.exstdtc).days == 30
    assert interruption.restart_dose == 10  # as interruptions.csv says; the segment's 5 stands in the query
    assert (interruption.intreason, interruption.intnote) == ("TOXICITY", "hypertensive crisis")
    assert FormRecord.objects.get(pk=interruption.ae_id).source_id == "AE026"


def test_free_text_becomes_a_code() -> None:
    assert only("baseline", "S001").kmt2a_partner == "AFF1"
    coded = only("adverse_event", "S004", aespec="Hypogammaglobulinemia")
    assert coded.aeterm == "Immune system disorders - Other, specify"
    relapse = only("disease_event", "S013", deevent="RELAPSE")
    assert (relapse.site_bm, relapse.site_cns, relapse.site_testis, relapse.site_other) == ("Y", "Y", "N", "N")
    assert (relapse.cd19, relapse.cd19_neg_clone) == ("POS", "Y")
    death = only("death", "S018")
    assert (death.dthcause, death.in_remission, death.dthrel) == ("OTHER", "Y", "UNRELATED")


def test_a_fraction_of_cells_keeps_every_digit() -> None:
    results = registry.get("mrd_result").model.objects.filter(record__source_id="S029-D29/KMT2A")
    assert [row.value for row in results] == [Decimal("0.00028")]


def test_a_last_contact_stands_at_the_visit_whose_window_holds_it() -> None:
    for row in registry.get("follow_up").model.objects.select_related("record__visit", "record__subject"):
        visit, expecting = row.record.visit, row.record.subject.visits.filter(code__startswith="fu_")
        inside = expecting.filter(opens__lte=row.fudat, closes__gte=row.fudat)
        assert visit == inside.first()
    assert FormRecord.objects.filter(crf_code="follow_up", visit=None).exists()


def test_a_transplantation_is_linked_to_its_block() -> None:
    for row in registry.get("transplantation").model.objects.select_related("block"):
        assert row.block.answers().block == row.trkind


def test_what_the_files_lack_is_not_in_source_and_not_asked_about() -> None:
    event = only("adverse_event", "S002")
    assert event.missing == {"aeesi": {"code": "NIS", "reason": "not in source"}}
    assert not Query.objects.filter(check_code__endswith=".blank").exists()


def test_every_form_says_where_it_comes_from() -> None:
    assert not FormRecord.objects.filter(source_system="").exists()
    record = FormRecord.objects.get(source_id="AE026")
    assert (record.source_file, record.source_line) == ("ae.csv", 27)
    assert not OutboxMail.objects.exists()


def test_the_same_folder_again_changes_nothing() -> None:
    before = list(FormRecord.objects.values_list("pk", "version", "updated_at"))
    queries = list(Query.objects.values_list("pk", "state"))
    again = import_study(DATA, by=User.objects.system(), synthetic=True)
    assert (again.added, again.changed, again.unchanged) == (0, 0, len(before))
    assert (again.sites, again.subjects, again.datasets) == (0, 0, 0)
    assert list(FormRecord.objects.values_list("pk", "version", "updated_at")) == before
    assert list(Query.objects.values_list("pk", "state")) == queries


def test_historical_controls_are_locked() -> None:
    controls, everyone = HistoricalDataset.newest("controls"), HistoricalDataset.newest("interfant06_all484")
    assert (len(controls.rows), len(everyone.rows), controls.version) == (214, 484, 1)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        HistoricalDataset.objects.filter(pk=controls.pk).update(rows=[])
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        controls.delete()


def test_all_checks_over_a_subject_find_what_the_saves_found() -> None:
    for subject in Subject.objects.filter(number__in=["S011", "S022", "S025"]).select_related("site"):
        assert forms.check_subject(subject=subject, by=User.objects.system()) == (0, 0)


def test_study_entry_is_the_enrolment_date() -> None:
    assert Subject.objects.get(number="S001").entered_on == date(2018, 7, 27)
