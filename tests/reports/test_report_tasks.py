"""Reports built by a real worker from the real queue: once, whatever happens to workers and deliveries."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, connections

from reports import actions, tasks
from reports.models import Report
from tests.people import make_site, make_user
from tests.reports.packages import CUT, enrol
from tests.worker import running_worker
from trial.models import Job, User

WAIT_SECONDS = 120


@pytest.fixture
def asker(committed_db: None, reports_dir: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """A statistician of a trial with one subject; workers write to the test's folder."""
    monkeypatch.setenv("REPORTS_DIR", str(reports_dir))
    site = make_site("NL01")
    enrol(site, make_user("site-coordinator", site))
    return make_user("statistician")


@pytest.fixture
def queue(worker_id: str, request: pytest.FixtureRequest) -> str:
    """A queue of this test's own: a worker of another test has another database."""
    return f"test-{worker_id}-{request.node.name}-{time.monotonic_ns()}"


def ask(asker: User, queue: str) -> Job:
    job = actions.ask_for_report(by=asker, cut=CUT)
    tasks.build_report.apply_async([job.pk], queue=queue)
    return job


def wait_until(job: Job, condition: Callable[[Job], bool]) -> None:
    for _ in range(WAIT_SECONDS * 20):
        job.refresh_from_db()
        if condition(job):
            return
        time.sleep(0.05)
    raise AssertionError(f"Job {job.pk} is {job.state} after {WAIT_SECONDS} s: {job.step} {job.error}")


def test_a_worker_builds_a_report_and_says_how_far_it_is(asker: User, queue: str) -> None:
    with running_worker(queue):
        job = ask(asker, queue)
        wait_until(job, lambda job: job.is_over)
    assert (job.state, job.error, job.done) == ("done", "", job.total)
    report = Report.objects.get()
    assert (report.state, report.built_by, job.result_url) == ("draft", asker, report.get_absolute_url())
    names = set(report.files.values_list("part", "name"))
    both = {"report.pdf", "tables.xlsx", "manifest.json", "document.json"}
    assert {(part, name) for part in ("OPEN", "CLOSED") for name in both} <= names
    assert {("CLOSED", "results.json"), ("CLOSED", "datasets/snapshot.json")} <= names
    assert not {name for part, name in names if part == "OPEN" and "dataset" in name}
    manifest = json.loads((report.path / "closed/manifest.json").read_bytes())
    assert manifest["files"]["report.pdf"]["sha256"] == report.files.get(part="CLOSED", name="report.pdf").sha256


def test_a_report_is_built_once_though_its_worker_was_killed(asker: User, queue: str) -> None:
    with running_worker(queue) as first:
        job = ask(asker, queue)
        wait_until(job, lambda job: job.state == "running")
        first.kill()
        first.wait()
    assert (Report.objects.get().state, Report.objects.get().files.count()) == ("building", 0)
    with running_worker(queue):
        wait_until(job, lambda job: job.is_over)
    assert (job.state, job.arguments["attempts"]) == ("done", 2)
    assert [report.state for report in Report.objects.all()] == ["draft"]


def test_a_second_delivery_does_nothing_while_the_first_is_at_work(asker: User) -> None:
    job = actions.ask_for_report(by=asker, cut=CUT)
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [tasks.JOBS_LOCK, job.pk])
        with pytest.raises(tasks.AtWork), tasks.alone_with(job.pk):
            pytest.fail("Two workers had the same job in hand.")
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [tasks.JOBS_LOCK, job.pk])
    other.close()
    with tasks.alone_with(job.pk):
        tasks.build(job.pk)
    job.refresh_from_db()
    assert (job.state, Report.objects.count()) == ("done", 1)
    tasks.build(job.pk)
    assert Report.objects.count() == 1


def test_a_job_that_ends_its_worker_each_time_is_given_up(asker: User) -> None:
    job = Job.objects.create(
        kind="interim report", asked_by=asker, arguments={"cut": CUT.isoformat(), "number": None, "attempts": 3}
    )
    tasks.build(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error.startswith("The worker stopped 3 times")) == ("failed", True)


def test_a_failed_build_says_why_and_leaves_its_number_to_the_next(asker: User) -> None:
    early = actions.ask_for_report(by=asker, cut=CUT.replace(year=1999))
    tasks.build(early.pk)
    early.refresh_from_db()
    assert (early.state, early.error) == (
        "failed",
        "No subject was enrolled by 31-Aug-1999, so there is nothing to report on.",
    )
    tasks.build(actions.ask_for_report(by=asker, cut=CUT).pk)
    assert {(report.number, report.state) for report in Report.objects.all()} == {(1, "failed"), (1, "draft")}


def test_an_unforeseen_failure_is_a_sentence_on_the_page_and_a_traceback_in_the_log(
    asker: User, reports_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reports_dir.write_text("a file where the folder should be")
    job = actions.ask_for_report(by=asker, cut=CUT)
    tasks.build(job.pk)
    job.refresh_from_db()
    assert (job.state, f"under job {job.pk}" in job.error) == ("failed", True)
    assert "Traceback" in caplog.text
    assert "Traceback" not in job.error


def test_a_job_that_is_not_there_is_left_alone(committed_db: None, caplog: pytest.LogCaptureFixture) -> None:
    tasks.build(404)
    assert "There is no job 404." in caplog.text
    assert connection.is_usable()
