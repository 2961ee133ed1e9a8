"""The nightly run: a real worker asks about what stands already, and history says that it was *system*."""

import time

import pytest

from tests.people import VITAL_SIGNS, make_site, make_user
from tests.worker import running_worker
from trial import actions
from trial.history import history, history_model
from trial.models import FormRecord, Query, User
from trial.tasks import run_nightly_checks

WAIT_SECONDS = 60


def odd_form(by: User, site: object) -> FormRecord:
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
