"""Signing at a page and through the API, what is shown of it, and what a change by either door does to it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import override_settings
from django.urls import reverse

from tests.people import PASSWORD, VITAL_SIGNS
from tests.trial.pages import browser, new_url, save, typed, words
from tests.trial.signing import enter_vital_signs, sign, sub_investigator
from trial import attestation, clock, moments, signatures
from trial.history import history
from trial.models import AccessEvent, FormRecord, Signature, SignatureVoid, Subject, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


def answers(page: Any, **more: str) -> dict[str, Any]:
    """What a person types under a signing page, with what the page has shown."""
    shown = [line["record"] for line in page.context["lines"]]
    return {
        "shown": [f"{record.pk}:{record.version}" for record in shown],
        "meaning": "approval",
        "password": PASSWORD,
        "acknowledged": "on",
        **more,
    }


@pytest.mark.requirement("ES-01")
def test_a_signed_form_shows_name_time_with_zone_meaning_and_statement(
    vital_signs: FormRecord, investigator: User, coordinator: User
) -> None:
    client, url = browser(investigator), f"/forms/{vital_signs.pk}/sign/"
    page = client.get(url)
    assert "37.2 °C" in words(page)
    assert client.post(url, answers(page)).status_code == 302
    signature = Signature.objects.get()
    shown = words(browser(coordinator).get(f"/forms/{vital_signs.pk}/"))
    utc = f"{signature.at:%H:%M} UTC"
    for part in (investigator.full_name, "(Europe/Amsterdam)", utc, "Reviewed and approved", signature.statement):
        assert part in shown
    alone = words(browser(coordinator).get(f"/signatures/{signature.pk}/"))
    assert "Agrees with the answers as they stand" in alone
    kept = browser(coordinator).get(f"/api/v1/signatures/{signature.pk}/").json()
    assert (kept["printed_name"], kept["meaning"]) == (investigator.full_name, "Reviewed and approved")
    assert (kept["time_zone"], kept["at"][:4]) == ("Europe/Amsterdam", f"{signature.at:%Y}")


@pytest.mark.requirement("ES-08")
def test_the_page_asks_for_the_acknowledgement_with_the_first_signature_alone(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    client, url = browser(investigator), f"/forms/{vital_signs.pk}/sign/"
    page = client.get(url)
    assert attestation.ACKNOWLEDGEMENT in words(page)
    refused = client.post(url, {**answers(page), "acknowledged": ""})
    assert refused.status_code == 422
    assert "This is your first signature here." in words(refused)
    client.post(url, answers(page))
    later = enter_vital_signs(subject, "day_8", coordinator)
    assert attestation.ACKNOWLEDGEMENT not in words(client.get(f"/forms/{later.pk}/sign/"))


@pytest.mark.requirement("ES-02")
def test_a_wrong_password_at_the_page_counts_and_is_kept_nowhere(vital_signs: FormRecord, investigator: User) -> None:
    client, url = browser(investigator), f"/forms/{vital_signs.pk}/sign/"
    page = client.get(url)
    wrong = client.post(url, answers(page, password="sesame-of-another"))
    assert wrong.status_code == 403
    assert "This is not your password; nothing was signed." in words(wrong)
    (attempt,) = AccessAttempt.objects.filter(username=investigator.username)
    assert attempt.failures_since_start == 1
    assert "sesame" not in f"{attempt.post_data}{attempt.get_data}{AccessEvent.objects.latest('id').target}"
    assert "sesame" not in wrong.content.decode()


def test_a_page_that_is_out_of_date_shows_what_stands_and_signs_nothing(
    vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    client, url = browser(investigator), f"/forms/{vital_signs.pk}/sign/"
    page = client.get(url)
    by_page(vital_signs, coordinator)
    refused = client.post(url, answers(page))
    assert refused.status_code == 409
    assert "Vital signs (Day 1) was changed after you opened this page." in words(refused)
    assert "38 °C" in words(refused)
    assert client.post(url, answers(refused)).status_code == 302


@pytest.mark.requirement("ES-07")
def test_visit_and_casebook_are_signed_at_their_pages_and_through_the_api(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    client, later = browser(investigator), enter_vital_signs(subject, "day_8", coordinator)
    url = reverse("visit-sign", args=[subject.number, "day_1"])
    assert client.post(url, answers(client.get(url))).status_code == 302
    versions = {str(record.pk): record.version for record in (vital_signs, later)}
    casebook = client.post(
        f"/api/v1/subjects/{subject.number}/sign/",
        {"password": PASSWORD, "versions": versions},
        content_type="application/json",
    )
    assert casebook.status_code == 201
    assert {form["record"] for form in casebook.json()["forms"]} == {vital_signs.pk, later.pk}
    shown = words(client.get(f"/subjects/{subject.number}/"))
    assert "All forms of the casebook" in shown
    assert "All forms of the visit Day 1" in shown


def test_whoever_signs_a_visit_or_a_casebook_reads_what_is_due_and_not_entered(
    subject: Subject, vital_signs: FormRecord, investigator: User, coordinator: User
) -> None:
    today = clock.today()
    with history(by=coordinator, role="site-coordinator", site_id=subject.site_id):
        subject.visits.filter(code="day_1").update(target=today, opens=today, closes=today)
        subject.visits.filter(code="day_8").update(target=today + timedelta(days=7), opens=today + timedelta(days=6))
    client = browser(investigator)
    casebook = words(client.get(f"/subjects/{subject.number}/sign/"))
    assert "due and not entered, so not under this signature: " in casebook
    assert "Neurological assessment (Day 1)" in casebook
    assert "Vital signs (Day 1), " not in casebook
    assert "(Day 8)" not in casebook
    visit = reverse("visit-sign", args=[subject.number, "day_1"])
    assert "Neurological assessment (Day 1)" in words(client.get(visit))
    enter_vital_signs(subject, "day_8", coordinator)
    assert "not entered" not in words(client.get(reverse("visit-sign", args=[subject.number, "day_8"])))


# --- a change by either door -------------------------------------------------------------------------------------


def by_page(record: FormRecord, by: User) -> None:
    given = typed(record.spec, {**VITAL_SIGNS, "temp": "38"}) | {"reason_code": "entry-error"}
    assert save(browser(by), f"/forms/{record.pk}/", given, version=record.version).status_code == 302


def by_api(record: FormRecord, by: User) -> None:
    answer = browser(by).patch(
        f"/api/v1/forms/vital_signs/{record.pk}/",
        {"temp": "38"},
        content_type="application/json",
        headers={"If-Match": str(record.version), "X-Reason": "Entry error"},
    )
    assert answer.status_code == 200


@pytest.mark.requirement("ES-04")
@pytest.mark.parametrize("change", [by_page, by_api])
def test_a_change_at_page_or_api_voids_the_signature_and_says_so(
    change: Any, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    signature = sign(vital_signs, investigator)
    change(vital_signs, coordinator)
    void = SignatureVoid.objects.get(signature=signature)
    assert (void.items, void.reason, void.by) == (["temp"], "Entry error", coordinator)
    assert list(signatures.voided_for(investigator)) == [signature]
    shown = words(browser(investigator).get(f"/forms/{vital_signs.pk}/"))
    for part in (
        "Signature void",
        "Vital signs: Temperature",
        coordinator.full_name,
        "Entry error",
        "Sign this form again",
    ):
        assert part in shown


@pytest.mark.requirement("ES-04")
def test_a_deleted_form_shows_its_void_signature_and_takes_no_other(
    vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    sign(vital_signs, investigator)
    browser(coordinator).post(f"/forms/{vital_signs.pk}/delete/", {"reason": "Entered for the wrong child"})
    shown = words(browser(investigator).get(f"/forms/{vital_signs.pk}/"))
    assert "Vital signs was deleted" in shown
    assert "Sign this form" not in shown
    assert "a deleted form is not signed" in words(browser(investigator).get(f"/forms/{vital_signs.pk}/sign/"))


def test_a_new_form_has_no_signature_yet(subject: Subject, investigator: User) -> None:
    shown = words(browser(investigator).get(new_url(subject, "vital_signs", subject.visits.get(code="day_1"))))
    assert "Not signed yet" not in shown


@pytest.mark.requirement("ES-06")
def test_delegations_take_dates_as_every_page_does_and_end_now(investigator: User, vital_signs: FormRecord) -> None:
    client, site = browser(investigator), vital_signs.site
    deputy, today = sub_investigator(site), signatures.today_at(site)
    page = client.get("/sites/NL01/delegations/").content.decode()
    assert 'type="date"' not in page
    assert f'value="{today:%d-%b-%Y}"' in page
    given = {"user": deputy.pk, "starts_on": f"{today:%d-%b-%Y}", "ends_on": "soon"}
    assert "is not a date" in words(client.post("/sites/NL01/delegations/", given))
    assert client.post("/sites/NL01/delegations/", {**given, "ends_on": ""}).status_code == 302
    url = f"/delegations/{deputy.delegations.get().pk}/end/"
    for wrong in ({"reason": "Left"}, {"reason": "Left", "on": "soon"}, {"on": f"{today:%d-%b-%Y}"}):
        assert client.post(url, wrong).status_code == 409
    assert client.post(url, {"now": "1", "reason": "Left the ward", "on": "soon"}).status_code == 302
    ended = deputy.delegations.get().ended_at
    assert ended is not None
    assert f"ended {moments.show(ended, site.time_zone)} Ended" in words(client.get("/sites/NL01/delegations/"))
