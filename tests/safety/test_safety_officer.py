"""The safety officer sees all, raises queries, and writes no clinical data."""

import pytest
from django.core.exceptions import PermissionDenied

from tests.people import make_user
from tests.safety.entering import AE, enter_ae
from trial.actions import forms, queries
from trial.models import Subject, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def safety_officer() -> User:
    return make_user("safety-officer")


def test_raises_queries_but_changes_no_data(subject: Subject, coordinator: User, safety_officer: User) -> None:
    record = enter_ae(subject, coordinator)
    query = queries.open_query(target=record, item="aetoxgr", text="Is this grade 1?", by=safety_officer)
    assert query.opened_role == "safety-officer"
    with pytest.raises(PermissionDenied):
        forms.save_form(record=record, values=AE | {"aetoxgr": 2}, by=safety_officer, reason="Seems higher")
