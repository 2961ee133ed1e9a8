"""The whole way once: an infant entered in a browser becomes a digit in the report that a board member downloads."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest

from patients.crfs.screening import CRITERIA
from tests.browser.conftest import Visitor
from tests.people import make_site, make_user
from tests.worker import running_worker
from trial.models import AccessEvent, FormRecord, Query, Subject

ROLES = ("data-manager", "statistician", "dsmb-member")


@pytest.fixture
def people(committed_db: None) -> None:
    site = make_site("NL01")
    make_user("site-coordinator", site)
    for role in ROLES:
        make_user(role)
    make_user("statistician", username="statistician-2")


def new(visitor: Visitor, crf: str, visit: str = "") -> Visitor:
    return visitor.open(f"/subjects/S001/forms/{crf}/new/{f'?visit={visit}' if visit else ''}")


def saved(crf: str) -> FormRecord:
    return FormRecord.objects.filter(crf_code=crf).latest("id")


def enter_infant(coordinator: Visitor) -> None:
    """From consent to the end of an infusion with one interruption, as a coordinator would."""
    coordinator.open("/subjects/screen/").page.click("text=Give the next number")
    assert "Subject S001 is in screening" in coordinator.text()
    coordinator.fill(icdat="3 jan 24", icver="1.0", ickind="FIRST").save()
    yes = dict.fromkeys((*CRITERIA, "eligible", "enrolled"), "Y")
    new(coordinator, "screening", "screening").fill(**yes, enroldat="5/1/2024").save()
    new(coordinator, "baseline", "screening").fill(
        brthdat="10-Aug-2023", sex="F", diagdat="2023-11-20", wbc="412,5", cns="CNS1", kmt2a_partner="AFF1",
        predresp="GOOD", riskgrp="HIGH",
    ).save()  # fmt: skip
    new(coordinator, "end_of_induction", "screening").fill(eoidat="4 jan 24", blast_pct="2.4", eoi_cns="N").save()
    new(coordinator, "treatment_block").fill(
        block="BLINATUMOMAB", ecstdat="8 jan 24", econgo="Y", as_protocol="Y"
    ).save()
    new(coordinator, "infusion", "day_1").fill(
        exstdtc="8-Jan-2024 10:00", weight="6.2", height="62", bsa="0.33", planned_dose="15",
        dexdtc="8-Jan-2024 09:30", dex_mg="1.6", exongo="Y",
    ).save()  # fmt: skip


def interrupt_and_end(coordinator: Visitor) -> None:
    new(coordinator, "adverse_event").fill(
        aeterm="Hypertension", aetoxgr="3", aestdat="12 jan 24", aeongo="N", aeendat="14 jan 24", aeout="RECOVERED",
        aerel="POSSIBLE", aeacn="INTERRUPTED", aeser="N", aeesi="NONE",
    ).save()  # fmt: skip
    new(coordinator, "interruption").fill(
        intstdtc="12-Jan-2024 08:00", intreason="TOXICITY", intongo="N", intendtc="14-Jan-2024 08:00",
        restart_dose="5", full_dtc="16-Jan-2024 08:00", ae=str(saved("adverse_event").pk),
    ).save()  # fmt: skip
    coordinator.open(f"/forms/{saved('infusion').pk}/").fill(
        exongo="N", exendtc="5-Feb-2024 10:00", stop_reason="COMPLETED", itdat="22 jan 24",
        reason_code="new-information",
    ).save()  # fmt: skip


def test_from_consent_to_the_boards_report(people: None, visitor: Callable[[str], Visitor], worker_id: str) -> None:
    coordinator = visitor("site-coordinator")
    enter_infant(coordinator)
    interrupt_and_end(coordinator)
    subject = Subject.objects.get(number="S001")
    assert subject.state == "enrolled"
    assert saved("infusion").state == "complete", coordinator.text()
    assert saved("interruption").state == "complete"
    assert "Infusion" in coordinator.open("/subjects/S001/").text()

    query = ask_answer_close(coordinator, visitor("data-manager"))
    assert query.state == "closed"

    with running_worker(f"test_{worker_id}"):
        results = build_release_download(visitor)
    assert results["N"]["text"] == "1"
    assert results["INTERRUPTED"]["text"] == "1"


def ask_answer_close(coordinator: Visitor, manager: Visitor) -> Query:
    record = saved("infusion")
    manager.open(f"/forms/{record.pk}/")
    manager.page.select_option("#ask-item", "weight")
    manager.page.fill("#ask-text", "Was the weight taken on the day of the start?")
    manager.page.click("text=Open query")
    query = Query.objects.get(record=record, check_code="", item="weight")
    assert "Was the weight taken" in coordinator.open("/").text()
    coordinator.open(f"/queries/{query.pk}/").page.check("[name=reply][value=confirmed]")
    coordinator.page.fill("#answer-text", "Yes, at 8 in the morning.")
    coordinator.page.click("text=Send answer")
    assert "Was the weight taken" in manager.open("/").text()
    manager.open(f"/queries/{query.pk}/").page.click("text=Close query")
    query.refresh_from_db()
    return query


def build_release_download(visitor: Callable[[str], Visitor]) -> dict[str, dict[str, str]]:
    """A statistician builds, another checks, the first releases; the board member downloads the closed part."""
    statistician, second = visitor("statistician"), visitor("statistician-2")
    statistician.open("/reports/").page.fill("[name=cut]", "2024-03-31")
    statistician.page.click("text=Build interim report")
    statistician.page.wait_for_selector("text=The report is built.", timeout=90_000)
    second.open("/reports/1/v1/").page.click("text=Mark as checked")
    assert "checked" in second.text()
    board = visitor("dsmb-member")
    early = board.page.goto(f"{board.address}/reports/1/v1/")
    assert early is not None
    assert early.status == 404
    statistician.open("/reports/1/v1/").page.click("text=Release to the board")
    board.open("/reports/1/v1/")
    with board.page.expect_download() as download:
        board.page.click("text=Download closed part")
    content = download.value.path().read_bytes()
    logged = AccessEvent.objects.filter(event="report downloaded", username="dsmb-member").latest("id")
    assert "closed" in logged.target.lower()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        name = next(name for name in package.namelist() if name.endswith("results.json"))
        return json.loads(package.read(name))["results"]
