"""Invitations, training, sites, and who had access when."""

import csv
import hashlib
import io
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.people import PASSWORD, make_user
from tests.trial.pages import browser, words
from trial import access, access_register, actions, training
from trial.lifecycle import WrongState
from trial.models import AccessEvent, AccessReview, FormRecord, Invitation, Site, Subject, User
from trial.permissions import Permission as P

NEW_PASSWORD = "a whole new battery staple"


@pytest.fixture
def manager(db: None) -> User:
    return make_user("trial-manager")


def invited(manager: User, nl01: Site, capture: type, role: str = "site-coordinator") -> tuple[User, str]:
    """A person just invited, and the address in the mail."""
    with capture(execute=True):
        invitation = actions.invite(
            username="ida-new", full_name="Ida New", email="ida@test.invalid", role_code=role, site=nl01, by=manager,
            base_url="http://testserver",
        )  # fmt: skip
    found = re.search(r"http://testserver(/invitations/[^/]+/)", mail.outbox[-1].body)
    if found is None:
        raise AssertionError(mail.outbox[-1].body)
    return invitation.user, found[1]


def test_an_invited_person_sets_the_password_once(
    manager: User, nl01: Site, django_capture_on_commit_callbacks: type
) -> None:
    user, address = invited(manager, nl01, django_capture_on_commit_callbacks)
    assert mail.outbox[-1].to == ["ida@test.invalid"]
    client = Client()
    weak = client.post(address, {"new_password1": "ida", "new_password2": "ida"})
    assert weak.status_code == 422
    given = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert client.post(address, given)["Location"] == reverse("sign-in")
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert not user.must_set_password
    again = client.get(address)
    assert (again.status_code, "used already" in words(again)) == (410, True)


def test_an_invitation_expires_and_can_be_withdrawn(
    manager: User, nl01: Site, django_capture_on_commit_callbacks: type
) -> None:
    user, address = invited(manager, nl01, django_capture_on_commit_callbacks)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert "has expired" in words(Client().get(address))
        assert "Invitation expired" in words(browser(manager).get(reverse("people")))
        assert "Ida New: invite again" in words(browser(manager).get(reverse("home")))
    actions.withdraw_invitation(invitation=user.invitations.get(), by=manager)
    assert "was withdrawn" in words(Client().get(address))
    assert "not complete" in words(Client().get("/invitations/none/"))


@pytest.mark.requirement("ES-05")
def test_a_reset_by_somebody_else_opens_the_account_for_its_owner_alone(
    manager: User, investigator: User, vital_signs: FormRecord
) -> None:
    actions.send_invitation(user=investigator, by=manager, base_url="http://testserver")
    investigator.refresh_from_db()
    assert not investigator.has_usable_password()
    assert investigator.must_set_password
    with pytest.raises(PermissionDenied, match="password"):
        actions.sign(
            target=vital_signs, by=investigator, password=PASSWORD, expected={vital_signs.pk: 1}, acknowledged=True
        )


@pytest.mark.requirement("AC-09")
def test_without_training_one_reads_and_does_no_more(nl01: Site, subject: Subject, vital_signs: FormRecord) -> None:
    system = User.objects.system()
    user = actions.create_user(username="new", full_name="New", email="new@test.invalid", by=system, password=PASSWORD)
    actions.grant(user=user, role_code="site-coordinator", site=nl01, by=system)
    client = browser(user)
    assert client.get(reverse("casebook", args=[subject.number])).status_code == 200
    refused = client.post(reverse("form", args=[vital_signs.pk]), {"version": "1", "hr": "121"})
    assert refused.status_code == 403
    assert "training" in words(refused)
    with pytest.raises(PermissionDenied, match="not recorded"):
        actions.save_form(record=vital_signs, values={"hr": "121"}, by=user, reason="Read again")
    actions.record_training(user=user, by=system, completed_on=date(2024, 1, 3))
    assert access.may(User.objects.get(pk=user.pk), P.ENTER_DATA, nl01.pk)


@pytest.mark.requirement("AC-09")
def test_training_expires_with_the_system(coordinator: User, nl01: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert access.may(coordinator, P.ENTER_DATA, nl01.pk)
    monkeypatch.setattr(training, "VERSION", "99")
    assert not access.may(User.objects.get(pk=coordinator.pk), P.ENTER_DATA, nl01.pk)


def test_training_is_recorded_once_and_not_ahead(manager: User, coordinator: User) -> None:
    with pytest.raises(WrongState, match="recorded already"):
        actions.record_training(user=coordinator, by=manager, completed_on=date(2024, 1, 3))
    with pytest.raises(WrongState, match="lies ahead"):
        actions.record_training(user=coordinator, by=manager, completed_on=date(2999, 1, 3))


@pytest.mark.requirement("AC-04")
def test_the_register_of_a_past_day_is_what_was_known_then(committed_db: None) -> None:
    manager = make_user("trial-manager")
    first = timezone.now()
    with time_machine.travel(first + timedelta(days=40)):
        monitor = make_user("data-manager")
    today = {(right.username, right.role) for right in access_register.on(first.date())}
    assert ("trial-manager", "Trial manager") in today
    actions.deactivate(user=monitor, by=manager, reason="Left the trial")
    later = {right.username for right in access_register.on(first.date())}
    assert "data-manager" not in later
    assert access_register.on(first.date() - timedelta(days=1)) == []  # nobody had been entered yet


@pytest.mark.requirement("AC-04")
def test_an_overdue_review_is_flagged_until_it_is_signed_off(manager: User) -> None:
    client = browser(manager)
    assert "Review overdue" in words(client.get(reverse("home")))
    page = client.get(reverse("access-on"))
    sent = {"day": f"{page.context['day']:%Y-%m-%d}", "sha256": page.context["sha256"], "note": "As agreed"}
    assert client.post(reverse("access-sign-off"), sent | {"sha256": "0" * 64}).status_code == 409
    assert client.post(reverse("access-sign-off"), sent).status_code == 302
    review = AccessReview.objects.get()
    assert (review.by, review.sha256) == (manager, page.context["sha256"])
    assert "Review overdue" not in words(client.get(reverse("home")))
    with time_machine.travel(timezone.now() + timedelta(days=181)):
        assert access_register.overdue_since() is not None


def test_a_closed_site_screens_nobody(manager: User, coordinator: User, nl01: Site) -> None:
    today = timezone.now().date()
    given = {"name": nl01.name, "country": "NL", "time_zone": nl01.time_zone, "activated_on": nl01.activated_on}
    with pytest.raises(WrongState, match="on or after the day"):
        actions.change_site(site=nl01, by=manager, reason="Close", closed_on=date(2017, 1, 1), **given)
    nl01.refresh_from_db()
    actions.change_site(site=nl01, by=manager, reason="Enough subjects", closed_on=today, **given)
    with pytest.raises(WrongState, match="was closed on"):
        actions.screen_subject(site=nl01, by=coordinator)


def test_pages_of_the_trial_manager(manager: User, nl01: Site) -> None:
    client = browser(manager)
    sent = {"full_name": "Ida New", "email": "ida@test.invalid", "username": "ida-new", "role_code": "monitor"}
    missing_site = client.post(reverse("people-invite"), sent)
    assert missing_site.status_code == 422
    assert "needs a site" in words(missing_site)
    assert client.post(reverse("people-invite"), sent | {"site": "NL01"}).status_code == 302
    person = User.objects.get(username="ida-new")
    assert Invitation.objects.filter(user=person).count() == 1
    page = words(client.get(reverse("person", args=[person.pk])))
    assert "Has not set a password yet" in page
    assert "can read and not change anything" in page
    assert client.post(reverse("person-train", args=[person.pk]), {"completed_on": "3 jan 2024"}).status_code == 302
    held = person.memberships.get()
    end = {"on": "31 dec 2030", "reason": "Left"}
    assert client.post(reverse("person-end-role", args=[person.pk, held.pk]), end).status_code == 302
    held.refresh_from_db()
    assert held.ends_on == date(2030, 12, 31)
    zone = {"number": "FR01", "name": "Invented", "country": "FR", "time_zone": "Europe/Paris"}
    assert client.post(reverse("site-new"), zone).status_code == 302
    assert client.post(reverse("site-new"), zone).status_code == 422
    assert '<option value="" selected>Choose</option>' in client.get(reverse("site-new")).content.decode()


def test_the_first_person_is_invited_by_a_command(db: None, django_capture_on_commit_callbacks: type) -> None:
    first = {"name": "Ann First", "email": "ann@test.invalid", "url": "https://edc.test/"}
    with django_capture_on_commit_callbacks(execute=True):
        call_command("invite", "ann", **first)
    assert "https://edc.test/invitations/" in mail.outbox[-1].body
    assert [m.role_code for m in User.objects.get(username="ann").memberships.all()] == ["trial-manager"]
    with pytest.raises(CommandError, match="already"):
        call_command("invite", "ann", **first)
    with pytest.raises(CommandError, match="no role"):
        call_command("invite", "eve", **first | {"email": "eve@test.invalid"}, role="emperor")


@pytest.mark.requirement("AC-09")
def test_a_new_training_does_not_lock_out_who_records_it(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "VERSION", "99")
    other = make_user("trial-manager", username="other-manager")
    fresh = User.objects.get(pk=manager.pk)
    assert not fresh.is_trained
    assert browser(fresh).get(reverse("people")).status_code == 200
    User.objects.get(pk=other.pk).trainings.get(version="99")
    actions.record_training(user=manager, by=other, completed_on=date(2024, 1, 3))
    assert User.objects.get(pk=manager.pk).is_trained


def test_the_list_of_people_is_a_file_too(manager: User, nl01: Site) -> None:
    nurse, gone = make_user("site-coordinator", nl01), make_user("monitor", nl01, "gone")
    actions.deactivate(user=gone, by=manager, reason="Left the hospital")
    client = browser(manager)
    assert "?format=csv" in client.get(reverse("people")).content.decode()
    answer = client.get(f"{reverse('people')}?format=csv")
    data = b"".join(answer)
    rows = {row["user_name"]: row for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig")))}
    assert rows[nurse.username] == {
        "person": nurse.full_name, "user_name": nurse.username, "roles_today": "Site coordinator NL01",
        "state": "Active",
    }  # fmt: skip
    assert rows["gone"]["state"] == "Deactivated"
    assert set(rows) == set(User.objects.exclude(username="system").values_list("username", flat=True))
    event = AccessEvent.objects.get(event="list downloaded")
    assert (event.target, event.sha256) == (f"people: {len(rows)} rows", hashlib.sha256(data).hexdigest())
    assert browser(nurse).get(f"{reverse('people')}?format=csv").status_code == 403
