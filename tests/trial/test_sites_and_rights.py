"""What cannot be a site, an account or a role: refused with a sentence, where it was typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from tests.people import make_user
from tests.trial.pages import browser, words
from trial import access_register, actions, training
from trial.models import AccessReview, Membership, Site, User


@pytest.fixture
def manager(db: None) -> User:
    return make_user("trial-manager")


SITE = {"name": "Invented hospital", "country": "NL", "time_zone": "Europe/Amsterdam"}


@pytest.mark.parametrize("number", ["../x", "new", "NL/02", "NL 02", "nl01", "-"])
def test_a_site_has_a_number_that_an_address_can_hold(manager: User, nl01: Site, number: str) -> None:
    client = browser(manager)
    refused = client.post(reverse("site-new"), {**SITE, "number": number})
    assert (refused.status_code, "number" in refused.context["form"].errors) == (422, True)
    assert client.get(reverse("people")).status_code == 200
    assert list(Site.objects.all()) == [nl01]


@pytest.mark.parametrize(("name", "value"), [("username", "Trial-Manager"), ("email", "TRIAL-MANAGER@test.invalid")])
def test_capitals_make_no_second_person(manager: User, name: str, value: str) -> None:
    given = {"username": "ida-new", "full_name": "Ida New", "email": "ida@test.invalid", name: value}
    with pytest.raises(ValidationError, match="already"):
        actions.create_user(**given, by=manager)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"starts_on": "3 jan 2030", "ends_on": "3 jan 2020"}, "cannot end before that"),
        ({"starts_on": "1 jan 2018"}, "from 01-Jan-2018 already"),
    ],
)
def test_a_role_that_cannot_be_given_says_why(
    manager: User, monitor: User, nl01: Site, more: dict[str, str], sentence: str
) -> None:
    role = {"role_code": "monitor", "site": nl01.number, **more}
    refused = browser(manager).post(reverse("person-grant", args=[monitor.pk]), role)
    assert (refused.status_code, sentence in words(refused)) == (422, True)
    assert monitor.memberships.count() == 1


def test_a_role_does_not_end_before_it_starts(manager: User, monitor: User) -> None:
    held = Membership.objects.get(user=monitor)
    url = reverse("person-end-role", args=[monitor.pk, held.pk])
    refused = browser(manager).post(url, {"on": "3 jan 2010", "reason": "Left the hospital"})
    assert (refused.status_code, "cannot end before that" in words(refused)) == (422, True)


def test_a_register_of_no_day_is_not_shown_as_that_of_today(manager: User) -> None:
    client, ahead = browser(manager), timezone.now().date() + timedelta(days=400)
    for text in ("32 jan 2024", f"{ahead:%d-%b-%Y}"):
        page = client.get(reverse("access-on"), {"day": text})
        assert page.status_code == 422
        assert (page.context["rights"], text[:6] in words(page)) == ([], True)
        assert "Sign off" not in words(page)


@pytest.mark.parametrize("day", ["garbage", "9999-12-31", f"{timezone.now().date() + timedelta(days=2):%Y-%m-%d}"])
def test_only_a_list_that_was_shown_is_signed_off(manager: User, day: str) -> None:
    sent: dict[str, Any] = {"day": day, "sha256": access_register.sha256(access_register.on(timezone.now().date()))}
    assert browser(manager).post(reverse("access-sign-off"), sent).status_code == 409
    assert not AccessReview.objects.exists()


@pytest.mark.requirement("AC-09")
def test_who_is_not_trained_is_told_so_at_home(monitor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert training.TITLE not in words(browser(monitor).get("/"))
    monkeypatch.setattr(training, "VERSION", "2")
    shown = words(browser(monitor).get("/"))
    assert training.TITLE in shown
    assert "Nothing waits for you" not in shown
