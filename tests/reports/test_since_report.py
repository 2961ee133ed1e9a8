"""Correct after report: the changes since its data were frozen, and one form opened for a correction."""

from pathlib import Path
from typing import Any

import pytest

from reports.models import Report
from tests.people import make_user
from tests.reports.packages import make_draft
from tests.trial.pages import browser, words
from tests.trial.signing import sign
from trial import locks
from trial.actions import forms
from trial.actions import locks as locking
from trial.models import FormRecord, User


@pytest.mark.requirement("DE-06")
@pytest.mark.django_db
def test_a_form_is_opened_corrected_signed_and_locked_again_and_listed_as_changed(
    vital_signs: FormRecord,
    coordinator: User,
    investigator: User,
    data_manager: User,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.REPORTS_DIR = tmp_path
    manager, url = browser(data_manager), "/reports/changes/"
    assert "No report yet" in words(manager.get(url))
    make_draft(make_user("statistician"))
    assert "No answer has changed since" in words(manager.get(url))
    for unknown in ("999", "nonsense"):
        refused = manager.get(url, {"report": unknown})
        assert (refused.status_code, f"There is no report “{unknown}”" in words(refused)) == (422, True)
    assert manager.get(url, {"report": Report.objects.get().pk}).status_code == 200
    locking.lock(target=vital_signs.subject, by=data_manager, reason="Interim analysis")
    step = {"step": "open", "reason": "The source shows 118"}
    assert manager.post(f"/forms/{vital_signs.pk}/lock/", step).status_code == 302
    assert "Corrections that wait" in words(manager.get(url))
    forms.save_form(record=vital_signs, values={"hr": 118}, by=coordinator, reason="Read the wrong line")
    page = words(manager.get(url))
    assert "Heart rate 120 118" in page
    assert "Read the wrong line" in page
    assert "the signature" in page
    sign(vital_signs, investigator)
    page = words(manager.get(url))
    assert "Corrections that wait" not in page
    assert "Locked" in page
    assert "Open for one correction" in page
    held = locks.lock_of(vital_signs)
    assert held is not None
    assert held.scope == "subject"
    assert browser(coordinator).get(url).status_code == 403
