"""The nightly run: a real worker asks about what stands already, and history says that it was *system*."""

import time
from collections.abc import Callable

import pytest
from django.db import connections

from tests.people import VITAL_SIGNS, make_site, make_user
from tests.trial.pages import browser, words
from tests.worker import running_worker
from trial import actions
from trial.actions.checks import ask_for_run
from trial.history import history, history_model
from trial.models import FormRecord, Job, Query, Site, User
from trial.tasks import run, run_nightly_checks

WAIT_SECONDS = 60


def odd_form(by: User, site: Site) -> FormRecord:
    """A form with an odd value that came past the checks: its query is missing."""
    subject = actions.screen_subject(site=site, by=by)
    record = actions.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    saved = actions.save_form(record=record, values=VITAL_SIGNS, by=by).record
    with history(by=by, role="site-coordinator", site_id=saved.site_id, reason="Past the checks"):
        saved.spec.model.objects.filter(pk=saved.pk).update(hr=0)
    return saved


def test_a_run_opens_what_is_missing_and_closes_what_is_gone(db: None) -> None:
    site = make_site("NL01")
    coordinator = make_user("site-coordinator", site)
    record = odd_form(coordinator, site)
    run = actions.run_checks(by=User.objects.system())
    assert (run.subjects, run.opened, run.closed) == (1, 1, 0)
    assert Query.objects.get(record=record).check_code == "vital_signs.hr.range"
    assert actions.run_checks(by=User.objects.system()).opened == 0
    with history(by=coordinator, role="site-coordinator", site_id=record.site_id, reason="Past the checks"):
        record.spec.model.objects.filter(pk=record.pk).update(hr=120)
    assert actions.run_checks(by=User.objects.system()).closed == 1
    assert Query.objects.get(record=record).closed_by.username == "system"


@pytest.mark.requirement("AT-04")
def test_what_a_worker_changes_stands_in_history_as_system(committed_db: None, worker_id: str) -> None:
    site = make_site("NL01")
    record = odd_form(make_user("site-coordinator", site), site)
    queue = f"test-{worker_id}-nightly"
    with running_worker(queue):
        run_nightly_checks.apply_async(queue=queue)
        for _ in range(WAIT_SECONDS * 20):
            if Query.objects.filter(record=record).exists():
                break
            time.sleep(0.05)
    query = Query.objects.get(record=record)
    (row,) = history_model(Query).objects.filter(pgh_obj_id=query.pk)
    assert (row.pgh_actor.username, row.pgh_role, row.pgh_label) == ("system", "system", "insert")


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(WAIT_SECONDS * 20):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"Nothing came of it after {WAIT_SECONDS} s.")


def test_a_run_whose_worker_was_killed_goes_on_and_asks_nothing_twice(committed_db: None, worker_id: str) -> None:
    site = make_site("NL01")
    coordinator, manager = make_user("site-coordinator", site), make_user("data-manager")
    records = [odd_form(coordinator, site) for _ in range(3)]
    holding = connections["default"].copy()
    queue = f"test-{worker_id}-killed"
    with holding.cursor() as cursor:
        holding.set_autocommit(False)
        cursor.execute("SELECT FROM trial_subject WHERE id = %s FOR UPDATE", [records[1].subject_id])
        with running_worker(queue) as first:
            job = ask_for_run(by=manager)
            assert ask_for_run(by=manager) == job
            run_nightly_checks.apply_async([job.pk], queue=queue)
            wait_for(lambda: Job.objects.get(pk=job.pk).done == 1)
            first.kill()
            first.wait()
        holding.rollback()
    holding.close()
    assert Query.objects.count() == 1
    with running_worker(queue):
        wait_for(lambda: Job.objects.get(pk=job.pk).is_over)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.arguments["attempts"]) == ("done", 3, 3, 2)
    assert list(Query.objects.order_by("id").values_list("record", flat=True)) == [record.pk for record in records]
    page = words(browser(manager).get(f"/checks/runs/{job.pk}/"))
    assert "3 queries opened, 0 asked again, 0 closed" in page
    assert all(record.subject.number in page for record in records)


def test_a_run_says_what_it_closed_and_leaves_a_run_that_is_over_alone(db: None) -> None:
    site = make_site("NL01")
    coordinator, manager = make_user("site-coordinator", site), make_user("data-manager")
    record = odd_form(coordinator, site)
    run(ask_for_run(by=manager).pk)
    with history(by=coordinator, role="site-coordinator", site_id=record.site_id, reason="Past the checks"):
        record.spec.model.objects.filter(pk=record.pk).update(hr=120)
    job = ask_for_run(by=manager)
    run(job.pk)
    run(job.pk)
    page = words(browser(manager).get(f"/checks/runs/{job.pk}/"))
    assert "0 queries opened, 0 asked again, 1 closed" in page
    assert "vital_signs.hr.range" in page
    assert Query.objects.get().messages.filter(step="close").count() == 1
    assert words(browser(manager).get("/checks/runs/")).count("Done") == 2


def test_a_run_that_ends_its_worker_each_time_is_given_up(db: None) -> None:
    job = ask_for_run(by=make_user("data-manager"))
    Job.objects.filter(pk=job.pk).update(arguments={"attempts": 3})
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error.startswith("The worker stopped 3 times")) == ("failed", True)
    assert "The worker stopped 3 times" in words(browser(make_user("inspector")).get(f"/checks/runs/{job.pk}/"))
