"""One working day of every role, in a browser: what each person sees, does and is told, with axe on every page.

The coordinator's is without a mouse. All share one small trial, made through the actions.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import expect

from reports.actions import mark_as_checked, release
from tests.browser.conftest import Visitor
from tests.browser.day import Day
from tests.people import PASSWORD, VITAL_SIGNS, make_site, make_user
from tests.reports.packages import fresh, make_draft
from trial import actions, attestation, clock
from trial.history import history
from trial.lifecycle import SubjectState
from trial.models import FormRecord, Query, Site, Subject, User, VerificationPlan
from trial.signatures import today_at
from trial.views.past import address

WAITS = "What waits for you"
FORM = "S001: Vital signs, Day 1"


@dataclass
class Trial:
    """One site, one enrolled subject: vital signs entered on day 1, the forms of day 15 due today."""

    site: Site
    nurse: User
    subject: Subject
    form: FormRecord

    def person(self, role: str, username: str = "") -> User:
        return make_user(role, self.site, username)

    def enters(self, crf: str, values: dict[str, Any], visit: str = "") -> FormRecord:
        at = self.subject.visits.get(code=visit) if visit else None
        record = actions.new_record(subject=self.subject, crf_code=crf, visit=at)
        return actions.save_form(record=record, values=values, by=self.nurse).record

    def corrects(self, **values: Any) -> None:
        """A colleague's correction of the vital signs of day 1, while others look elsewhere."""
        self.form.refresh_from_db()
        version = self.form.version
        actions.save_form(record=self.form, values=values, by=self.nurse, reason="Read again", expected_version=version)


@pytest.fixture
def trial(committed_db: None, settings: Any) -> Trial:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    site = make_site("NL01")
    nurse = make_user("site-coordinator", site)
    subject = actions.screen_subject(site=site, by=nurse)
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    record = actions.save_form(record=record, values=VITAL_SIGNS, by=nurse).record
    with history(by=nurse, role="site-coordinator", site_id=site.pk):
        subject.state = SubjectState.ENROLLED
        subject.save()
        today = clock.today()
        subject.visits.filter(code="day_15").update(target=today, opens=today, closes=today)
    return Trial(site, nurse, subject, record)


@pytest.fixture
def day(visitor: Callable[[str], Visitor]) -> Callable[[str], Day]:
    return lambda username: Day(visitor(username))


Starts = Callable[[str], Day]


# --- the site ----------------------------------------------------------------------------------------------------


def test_a_coordinators_day_by_keyboard_alone(trial: Trial, day: Starts) -> None:
    manager = trial.person("data-manager")
    actions.open_query(target=trial.form, item="hr", text="Is 120 in the chart?", by=manager)
    nurse = day("").signs_in_by_keyboard("site-coordinator")
    nurse.sees(WAITS, "Queries to answer", "Is 120 in the chart?", "Forms due", "S001: Vital signs, Day 15")

    nurse.goes_on_by("Alt+n").sees("Query on Vital signs: Heart rate", "Is 120 in the chart?")
    nurse.tabs_to("a.trial").goes_on_by("Enter").tabs_to_link("S001: Vital signs, Day 15").goes_on_by("Enter")
    nurse.sees("Vital signs", "Day 15", "New form, nothing saved yet")
    enter_vital_signs(nurse)
    correct_the_temperature(nurse)
    answer_the_query(nurse)

    nurse.keys("/").types("s001", then="Shift").goes_on_by("Enter").sees("Subject S001", "enrolled")
    cell = nurse.page.locator("tr", has_text="Vital signs").locator("[aria-label*=Complete]")
    assert cell.count() >= 1
    nurse.signs_out_by_keyboard()


def enter_vital_signs(nurse: Day) -> None:
    """A heart rate that is odd and right, confirmed in place; a weight that was not taken, and why."""
    nurse.tabs_to("[name=vsdat]").types(f"{clock.today():%d/%m/%Y}")
    for item, value in (("temp", "37.1"), ("sysbp", "92"), ("diabp", "56"), ("hr", "230")):
        nurse.tabs_to(f"[name={item}]").types(value)
    expect(nurse.page.locator("#findings-hr")).to_contain_text("is outside 60 to 220", timeout=20_000)
    nurse.keys("Alt+c").types("Crying, counted twice")
    nurse.tabs_to("[name=weight]").keys("Alt+m", "ArrowDown", "Tab").types("The scales were broken").sees("Not done")
    nurse.goes_on_by("Control+s").hears("is saved")
    confirmed = Query.objects.get(record__visit__code="day_15", item="hr")
    assert (confirmed.confirmed, confirmed.state) == (True, "closed")


def correct_the_temperature(nurse: Day) -> None:
    nurse.tabs_to("[name=temp]").keys("Control+a").types("37.4").sees("Changed: Temperature")
    nurse.tabs_to("[name=reason_code]").keys("ArrowDown").goes_on_by("Control+s").hears("is saved")
    nurse.tabs_to("[aria-label='History of Temperature']").goes_on_by("Enter")
    nurse.sees("Temperature", "37.1", "37.4", "Site Coordinator Person", "first entry")


def answer_the_query(nurse: Day) -> None:
    nurse.tabs_to("a.trial").goes_on_by("Enter").sees(WAITS)
    nurse.tabs_to_link("Is 120 in the chart?").goes_on_by("Enter").sees("Query on Vital signs: Heart rate", "Open")
    nurse.tabs_to("[name=reply]").keys("Space", "ArrowDown")
    assert nurse.page.is_checked("[name=reply][value=confirmed]")
    nurse.tabs_to("#answer-text").types("Yes, 120 at noon.").goes_on_by("Enter")
    nurse.hears("Your answer is saved").sees("Confirmed as correct: Yes, 120 at noon.", "Answered")
    assert "Is 120 in the chart?" not in nurse.tabs_to("a.trial").goes_on_by("Enter").sees(WAITS).visitor.text()


def sign(person: Day, *, first: bool) -> Day:
    """Sign the form that is open, as the page asks for it."""
    person.follows("Sign this form").sees("What you sign: 1 form", "Your signature", "take responsibility")
    if first:
        person.sees(attestation.ACKNOWLEDGEMENT).page.check("[name=acknowledged]")
    else:
        person.lacks(attestation.ACKNOWLEDGEMENT)
    person.page.check("[name=meaning][value=approval]")
    return person.fills(password=PASSWORD).presses("Sign")


def test_an_investigators_day(trial: Trial, day: Starts) -> None:
    trial.person("investigator")
    trial.person("sub-investigator")
    investigator, nurse = day("investigator"), day("site-coordinator")
    investigator.sees(WAITS, "Forms to sign", FORM, "To sign").follows(FORM, exact=True).sees("Not signed yet.")
    sign(investigator, first=True).hears("Signed: Vital signs")
    investigator.sees("Investigator Person", "(Europe/Amsterdam)", "UTC", "Reviewed and approved")
    investigator.open("/").sees("Every complete form is signed.")

    nurse.open(f"/forms/{trial.form.pk}/").fills(hr="124", reason_code="entry-error").saves().hears("is saved")
    nurse.sees("Signature void")
    investigator.open("/").sees("Void signatures: sign again", "Signature void").follows(FORM, exact=True)
    investigator.sees("Signature void", "Vital signs: Heart rate", "Site Coordinator Person")
    sign(investigator, first=False).hears("Signed: Vital signs")
    investigator.open("/").sees("No signature is void.")

    trial.enters("vital_signs", VITAL_SIGNS, "day_8")
    sub = day("sub-investigator").open(f"/forms/{trial.form.pk}/").sees("Vital signs")
    sub.lacks("Sign this form")
    investigator.goes_to_place("Delegation").sees("Delegation of signing", "Nothing delegated")
    investigator.page.select_option("[name=user]", label="Sub Investigator Person")
    investigator.presses("Delegate").hears("Sub Investigator Person may sign at NL01").sees("In force")
    sub.open("/").sees("Forms to sign").follows("S001: Vital signs, Day 8")
    sign(sub, first=True).hears("Signed: Vital signs").sees("Sub Investigator Person", "Reviewed and approved")


# --- those who look after the data -------------------------------------------------------------------------------


def test_a_monitors_day(trial: Trial, day: Starts) -> None:
    trial.person("monitor")
    plan = VerificationPlan.Extent.ALL
    actions.set_plan(site=None, extent=plan, starts_on=clock.today(), by=trial.person("data-manager"))
    monitor, nurse = day("monitor"), day("site-coordinator")
    monitor.sees(WAITS, "Forms to verify", "To verify").follows(FORM).sees("Not verified yet")
    monitor.presses("Mark all 6 as verified").sees("Source data: the whole form is verified, last by Monitor Person")
    monitor.page.select_option("#ask-item", "hr")
    monitor.writes("Query", "The chart says 118.").presses("Open query").hears("The query is open")

    nurse.open("/").sees("The chart says 118.").follows("The chart says 118.").follows("Open the form")
    nurse.fills(hr="118", reason_code="entry-error").saves().hears("is saved")
    nurse.open("/").follows("The chart says 118.").page.check("[name=reply][value=corrected]")
    nurse.presses("Send answer").hears("Your answer is saved")

    monitor.open("/").sees("Dropped: changed since it was verified or reviewed", "changed")
    monitor.goes_to_place("Verification").sees("Fallen with a change", "Heart rate", "Site Coordinator Person")
    monitor.follows("Vital signs").sees("5 items verified", "some fell with a change")
    monitor.presses("Mark the item left as verified").sees("the whole form is verified")
    monitor.open("/").sees("Your queries", "Answered").follows("The chart says 118.")
    monitor.sees("Heart rate: 120 → 118", "Corrected").presses("Close query").hears("The query is closed.")
    monitor.open("/").sees("You have no open query.", "Nothing that you verified or reviewed has changed.")


@pytest.fixture
def asked(trial: Trial) -> list[Query]:
    """Two answered queries of the data manager, and one that a check asked."""
    manager = trial.person("data-manager")
    questions = {"temp": "Is 37.2 rectal?", "hr": "Is 120 at rest?"}
    for item, text in questions.items():
        query = actions.open_query(target=trial.form, item=item, text=text, by=manager)
        actions.answer_query(query=query, by=trial.nurse, text="Yes, it is.", reply="confirmed")
    trial.enters("vital_signs", VITAL_SIGNS | {"hr": 240}, "day_8")
    return list(Query.objects.order_by("id"))


def test_a_data_managers_day_with_queries(trial: Trial, asked: list[Query], day: Starts) -> None:
    manager = day("data-manager").sees(WAITS, "Answers to read", "Is 37.2 rectal?", "Ageing of queries")
    manager.follows("Is 37.2 rectal?").sees("Confirmed as correct: Yes, it is.", "Site Coordinator Person")
    manager.presses("Close query").hears("The query is closed.")

    manager.goes_to_place("Queries").sees("Is 120 at rest?", "is outside 60 to 220").lacks("Is 37.2 rectal?")
    for query in asked[1:]:
        manager.page.check(f"[name=query][value='{query.pk}']")
    manager.presses("Close those ticked").sees("Close 2 of 2 queries?", "Nothing has happened yet.")
    manager.writes("Note, said in each of them", "Read with the chart.").presses("Close: 2 queries")
    manager.hears("2 queries are closed.").sees("No query fits these filters.")
    assert "Is 37.2 rectal?" in manager.open("/queries/?state=").downloads("CSV of this list")
    manager.follows("What queries bring").sees("Fired", "Changed data", "Confirmed", asked[2].check_code)


def test_a_data_managers_day_with_locks_and_lists(trial: Trial, day: Starts) -> None:
    trial.person("data-manager")
    manager, nurse = day("data-manager"), day("site-coordinator")
    manager.goes_to_place("Subjects").sees("S001").follows("Matrix").sees("Study matrix", "S001")
    manager.page.check("[name=overdue]")
    manager.presses("Show").sees("No subject of your sites fits these filters.")
    manager.follows("Show all").sees("S001")
    assert "S001" in manager.downloads("CSV")

    lock_and_open(manager, nurse, trial.form)

    manager.goes_to_place("Review", tab="Audit trail").sees(
        "Vital signs: Heart rate", "Site Coordinator Person", "Entry error"
    )
    assert "Entry error" in manager.downloads("Download as CSV")
    trial.enters("death", {"dthdat": "2024-02-01"})
    death = trial.subject.records.get(crf_code="death")
    actions.save_form(
        record=death, values={"dthdat": "2024-02-02"}, by=trial.nurse, reason="Read again", expected_version=1
    )
    manager.follows("Review").sees("Changes of end-point items", "Read again")
    manager.writes("What was found", "As in the certificate").presses("Mark 1 as reviewed")
    manager.hears("1 change is marked as reviewed.").sees("Last looked through by Data Manager Person")


def lock_and_open(manager: Day, nurse: Day, form: FormRecord) -> None:
    """Freeze, lock, open for one correction; what the site sees of each."""
    page = f"/forms/{form.pk}/"
    manager.open(page).writes("Reason", "Clean").presses("Freeze form").hears("is frozen")
    nurse.open(page).sees("Frozen: no answer can be changed, queries go on")
    manager.writes("Reason", "Clean").presses("Lock form").hears("is locked")
    nurse.open(page).sees("Locked: no answer can be changed")
    assert nurse.page.locator("button[data-save]").count() == 0
    manager.writes("Reason", "The chart was read again").presses("Open for one correction")
    manager.hears("is open for a correction")
    nurse.open(page).sees("Open for a correction since").fills(hr="122", reason_code="entry-error").saves()
    nurse.hears("is saved")
    manager.goes_to_place("Review", tab="Freeze and lock").sees("Open for a correction", "The chart was read again")


def test_a_safety_officers_day(trial: Trial, day: Starts) -> None:
    values = {"saeterm": "Febrile neutropenia", "saetoxgr": "3", "saestdat": "2024-01-10", "slife": "Y"}
    trial.enters("serious_adverse_event", values)
    trial.person("safety-officer")
    officer = day("safety-officer").sees(WAITS, "Serious adverse events to review", "To review", "Not signed")
    officer.follows("S001: Serious adverse event").sees("Serious adverse event", "Febrile neutropenia", "Not reviewed")
    officer.presses("Mark all").sees("the whole form is reviewed medically, last by Safety Officer Person")
    officer.writes("Query", "Which antibiotics were given?").presses("Open query").hears("The query is open")
    officer.open("/").sees("Every serious adverse event has been reviewed as it stands.", "Which antibiotics")
    officer.follows("Which antibiotics").sees("Query on Serious adverse event", "Open")
    officer.open("/subjects/S001/").sees("Subject S001", "Serious adverse event")


def test_a_day_in_the_laboratory(trial: Trial, day: Starts) -> None:
    """Results of samples are entered; nothing else of the subject is seen."""
    sample = trial.enters("mrd_sample", {"timepoint": "EOI", "msdat": "2024-01-04", "material": "BM"})
    trial.person("mrd-laboratory")
    laboratory = day("mrd-laboratory").sees(WAITS, "Samples without result", "No result")
    laboratory.follows("S001: MRD sample").sees("End of induction").open("/subjects/S001/").sees("Subject S001")
    laboratory.lacks("Vital signs", "Baseline").follows("Add MRD result").sees("MRD result")
    laboratory.fills(
        sample=str(sample.pk), target="IGTCR", result="POS", value="2.8e-4", quant_range="1e-4", sensitivity="1e-5"
    )
    laboratory.saves().hears("is saved").open("/").sees("Every sample has a result.")
    laboratory.open(f"/forms/{trial.form.pk}/").sees("There is nothing for you at this address")


# --- reports -----------------------------------------------------------------------------------------------------


@pytest.fixture
def reports_dir(settings: Any, tmp_path: Any) -> None:
    settings.REPORTS_DIR = tmp_path / "reports"


def test_a_statisticians_day(trial: Trial, reports_dir: None, day: Starts) -> None:
    trial.person("statistician")
    make_draft(make_user("statistician", username="statistician-2"))
    statistician = day("statistician").sees(WAITS, "Reports to check", "Draft")
    statistician.follows("data cut 31-Aug-2022").sees("Open part", "Closed part", "How to check a file")
    statistician.follows("Tables and figures").sees("An invented CLOSED table", "Female")
    statistician.page.go_back()
    statistician.presses("Mark as checked").hears("is marked as checked")
    statistician.goes_to_place("Reports").sees("Interim reports", "Build a report")
    statistician.fills(cut="2024-03-31").presses("Build interim report").sees("Build of an interim report")
    statistician.goes_to_place("Reports").sees("Your last builds", "31-Mar-2024")


@pytest.mark.parametrize("role", ["dsmb-member", "dsmb-chair"])
def test_a_board_members_day(role: str, trial: Trial, reports_dir: None, day: Starts) -> None:
    """Released packages, and nothing else."""
    builder, checker = (make_user("statistician", username=name) for name in ("statistician", "statistician-2"))
    draft, report = make_draft(builder), make_draft(builder)
    mark_as_checked(report=report, by=checker)
    release(report=fresh(report), by=builder)
    trial.person(role)
    member = day(role).sees(WAITS, "New reports", "Released")
    member.follows("data cut 31-Aug-2022").sees("Closed part", "For the monitoring board and its statistician alone.")
    with member.page.expect_download() as download:
        member.page.click("text=Download closed part")
    assert download.value.suggested_filename.endswith(".zip")
    member.open("/").sees("You have downloaded every released report.")
    member.goes_to_place("Reports").sees("Interim reports", "Released").lacks("Draft", "Build a report")
    for closed in (f"/reports/{draft.number}/v{draft.version}/", "/subjects/S001/", "/subjects/"):
        member.open(closed).sees("nothing for you" if closed != "/subjects/" else "Your role does not allow this")


# --- the trial's office, and who inspects it ---------------------------------------------------------------------


def test_a_trial_managers_day(trial: Trial, day: Starts) -> None:
    trial.person("trial-manager")
    manager = day("trial-manager").sees(WAITS).goes_to_place("Sites and people").sees("Site Coordinator Person")
    manager.follows("Invite a person").fills(
        full_name="Ida New", email="ida@test.invalid", username="ida-new", role_code="monitor", site="NL01"
    )
    manager.sees("Invite a person").presses("Send invitation").hears("Ida New is invited").sees("Invited")
    manager.follows("Ida New").sees("Has not set a password yet", "None recorded.", "Monitor")
    manager.fills(completed_on="2 jan 24").presses("Record training").hears("The training of Ida New is recorded.")
    manager.goes_to_place("Sites and people").follows("Access register").sees("Ida New", "Never looked through yet.")
    manager.writes("What was found", "All as agreed").presses("Sign off this list")
    manager.hears("The list of rights is signed off.").sees("Last looked through by Trial Manager Person")

    invited = day("").open(mailed_address()).sees("Welcome, Ida New", "ida-new")
    invited.fills(new_password1=PASSWORD, new_password2=PASSWORD).presses("Set password").sees("Sign in")
    invited.visitor.sign_in("ida-new")
    invited.sees(WAITS, "Monitor", "All that is planned is verified.")
    manager.goes_to_place("Sites and people").follows("Ida New").sees("accepted").lacks("Has not set a password")


def mailed_address() -> str:
    found = re.search(r"(/invitations/[^/]+/)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def test_an_inspectors_day(trial: Trial, day: Starts) -> None:
    """Everything is read, as it stands and as it stood; nothing is written."""
    before = datetime.now(UTC)
    trial.corrects(hr="131")
    trial.person("inspector")
    inspector = day("inspector").sees(WAITS).goes_to_place("Subjects").follows("S001").sees("Subject S001", "NL01")
    inspector.follows("History").sees("Vital signs: Heart rate", "120", "131", "Read again", "first entry")
    inspector.writes("As it stood on", f"{today_at(trial.site):%d-%b-%Y}").presses("Show")
    inspector.sees("As it stood at", "Back to today")

    form = f"/forms/{trial.form.pk}/"
    inspector.open(form).sees("131 beats/min")
    inspector.open(f"/as-of/{address(before)}{form}").sees("As it stood at", "Read only", "120 beats/min")
    inspector.lacks("131").follows("Back to today").sees("131 beats/min")
    for button in ("Save", "Open query", "Sign", "Mark all", "Freeze form"):
        assert inspector.page.locator("main").get_by_role("button", name=button).count() == 0
    inspector.open("/subjects/S001/forms/follow_up/new/").sees("Your role does not allow this", "Nothing was changed.")
    inspector.goes_to_place("Audit trail").sees("Vital signs: Heart rate").follows("Review")
    inspector.sees("Review of the audit trail").lacks("Mark 1 as reviewed")
    inspector.goes_to_place("Access register").sees("Inspector Person").lacks("Sign off this list")
