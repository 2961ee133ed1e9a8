"""Sites, people and subjects for tests: plainly invented, made through the same actions as everybody's."""

from datetime import date

import pytest

from trial import roles
from trial.actions import forms, onboarding, subjects, users
from trial.models import FormRecord, Site, Subject, User

PASSWORD = "correct horse battery staple"
ZONES = {"NL01": "Europe/Amsterdam", "IT02": "Europe/Rome", "AU01": "Australia/Sydney"}


def make_site(number: str) -> Site:
    return users.create_site(
        number=number,
        name=f"Invented hospital {number}",
        country=number[:2],
        time_zone=ZONES[number],
        activated_on=date(2018, 1, 1),
        by=User.objects.system(),
    )


def make_user(role_code: str, site: Site | None = None, username: str = "") -> User:
    """A person with one role, at the site where the role is one of a site."""
    system = User.objects.system()
    username = username or role_code
    user = users.create_user(
        username=username,
        full_name=f"{username.replace('-', ' ').title()} Person",
        email=f"{username}@test.invalid",
        by=system,
        password=PASSWORD,
    )
    at = site if roles.get(role_code).scope is roles.Scope.SITE else None
    users.grant(user=user, role_code=role_code, site=at, by=system, starts_on=date(2018, 1, 1))
    onboarding.record_training(user=user, by=system, completed_on=date(2018, 1, 1))
    return user


@pytest.fixture
def nl01(db: None) -> Site:
    return make_site("NL01")


@pytest.fixture
def it02(db: None) -> Site:
    return make_site("IT02")


@pytest.fixture
def coordinator(nl01: Site) -> User:
    return make_user("site-coordinator", nl01)


@pytest.fixture
def investigator(nl01: Site) -> User:
    return make_user("investigator", nl01)


@pytest.fixture
def monitor(nl01: Site) -> User:
    return make_user("monitor", nl01)


@pytest.fixture
def data_manager(db: None) -> User:
    return make_user("data-manager")


@pytest.fixture
def inspector(db: None) -> User:
    return make_user("inspector")


@pytest.fixture
def stranger(it02: Site) -> User:
    """A coordinator of another site."""
    return make_user("site-coordinator", it02, "stranger")


@pytest.fixture
def subject(nl01: Site, coordinator: User) -> Subject:
    return subjects.screen_subject(site=nl01, by=coordinator)


def give_consent(subject: Subject, by: User, day: str = "2024-01-01") -> FormRecord:
    """The form that has to be there before study procedures are entered."""
    record = forms.new_record(subject=subject, crf_code="consent")
    return forms.save_form(record=record, values={"icdat": day, "icver": "2.0", "ickind": "FIRST"}, by=by).record


VITAL_SIGNS = {"vsdat": "2024-01-03", "temp": "37.2", "sysbp": 90, "diabp": 55, "hr": 120, "weight": "6.80"}


@pytest.fixture
def vital_signs(subject: Subject, coordinator: User) -> FormRecord:
    """A saved form without findings."""
    record = forms.new_record(subject=subject, crf_code="vital_signs", visit=subject.visits.get(code="day_1"))
    return forms.save_form(record=record, values=VITAL_SIGNS, by=coordinator).record
