"""Two roles of one person add up role by role: the CRFs of the one do not widen by the sites of the other."""

import pytest
from django.test import Client

from tests.access.world import client_of, enter_blank
from tests.people import make_user
from trial import access, actions
from trial.models import FormRecord, Site, Subject, User

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("AC-03")]


@pytest.fixture
def both(nl01: Site) -> User:
    """Coordinator at NL01, and MRD laboratory of the study."""
    user = make_user("mrd-laboratory", username="both")
    actions.grant(user=user, role_code="site-coordinator", site=nl01, by=User.objects.system())
    return User.objects.get(pk=user.pk)


@pytest.fixture
def elsewhere(it02: Site, stranger: User) -> dict[str, FormRecord]:
    subject = actions.screen_subject(site=it02, by=stranger)
    return {code: enter_blank(subject, code, stranger) for code in ("screening", "mrd_sample")}


def test_lists_and_forms(both: User, vital_signs: FormRecord, elsewhere: dict[str, FormRecord]) -> None:
    client = client_of(both)
    assert set(access.forms(both)) == {vital_signs, elsewhere["mrd_sample"]}
    assert {query.record.crf_code for query in access.queries(both)} == {"mrd_sample"}
    statuses = [client.get(f"/forms/{r.pk}/").status_code for r in (vital_signs, *elsewhere.values())]
    assert statuses == [200, 404, 200]


def test_casebook_and_screening_log(
    both: User, subject: Subject, elsewhere: dict[str, FormRecord], stranger: User
) -> None:
    actions.save_form(record=elsewhere["screening"], values={"failure_reason": "Refused by parents"}, by=stranger)
    number = elsewhere["screening"].subject.number
    client: Client = client_of(both)
    assert "Vital signs" in client.get(f"/subjects/{subject.number}/").content.decode()
    assert "Vital signs" not in client.get(f"/subjects/{number}/").content.decode()
    assert "Refused by parents" in client_of(stranger).get("/screening/").content.decode()
    assert "Refused by parents" not in client.get("/screening/").content.decode()
