"""People are deactivated, never deleted; who had which rights when is kept."""

from datetime import date, timedelta

import pytest
from django.contrib.auth import authenticate, get_user
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection
from django.db.models import ProtectedError
from django.test import Client, RequestFactory
from django.utils import timezone

from tests.people import PASSWORD, make_user
from trial import roles
from trial.actions import forms, users
from trial.history import history, history_model, item_changes, rows_of
from trial.models import FormRecord, Membership, Site, User
from trial.reasons import ReasonNeeded

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial_manager(db: None) -> User:
    return make_user("trial-manager")


@pytest.mark.requirement("AC-05")
def test_a_user_is_never_deleted(vital_signs: FormRecord, coordinator: User, trial_manager: User) -> None:
    with pytest.raises(ProtectedError), history(by=trial_manager, role="trial-manager"):
        coordinator.delete()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        history(by=trial_manager, role="trial-manager"),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM trial_user WHERE id = %s", [coordinator.pk])
    assert User.objects.filter(pk=coordinator.pk).exists()


@pytest.mark.requirement("AC-05")
def test_history_still_names_a_deactivated_user(
    vital_signs: FormRecord, coordinator: User, trial_manager: User
) -> None:
    forms.save_form(record=vital_signs, values={"temp": "38"}, by=coordinator, reason="Entry error")
    users.deactivate(user=coordinator, by=trial_manager, reason="Left the hospital")
    assert item_changes(vital_signs.spec.model, vital_signs.pk, ["temp"])[-1].by == "Site Coordinator Person"
    change = rows_of(User, coordinator.pk)[-1]
    assert (change.is_active, change.pgh_actor, change.pgh_reason) == (False, trial_manager, "Left the hospital")


@pytest.mark.requirement("AC-05")
def test_a_deactivated_user_does_not_sign_in_and_an_open_session_ends(
    coordinator: User, trial_manager: User, rf: RequestFactory, client: Client
) -> None:
    request = rf.post("/")
    assert authenticate(request, username=coordinator.username, password=PASSWORD) == coordinator
    client.force_login(coordinator, "django.contrib.auth.backends.ModelBackend")
    users.deactivate(user=coordinator, by=trial_manager, reason="Left the hospital")
    assert authenticate(request, username=coordinator.username, password=PASSWORD) is None
    request.session = client.session
    assert not get_user(request).is_authenticated


@pytest.mark.requirement("AC-01")
def test_after_an_installation_nobody_can_sign_in(rf: RequestFactory) -> None:
    assert [user.username for user in User.objects.all()] == ["system"]
    system = User.objects.system()
    assert not system.is_active
    for password in ("", "!", "system", "admin", PASSWORD):
        assert authenticate(rf.post("/"), username="system", password=password) is None


@pytest.mark.requirement("AC-01")
@pytest.mark.parametrize("taken", ["username", "email"])
def test_an_account_is_one_persons(taken: str, coordinator: User, trial_manager: User) -> None:
    given = {"username": "second", "full_name": "Second Person", "email": "second@test.invalid"}
    given[taken] = getattr(coordinator, taken)
    with pytest.raises(ValidationError):
        users.create_user(**given, by=trial_manager)
    with pytest.raises(IntegrityError), history(by=trial_manager, role="trial-manager"):
        User.objects.create(**given)


@pytest.mark.requirement("AC-01")
def test_an_account_without_a_password_waits_for_its_owner(trial_manager: User, rf: RequestFactory) -> None:
    user = users.create_user(
        username="new", full_name="New Person", email="new@test.invalid", by=trial_manager, password=None
    )
    assert authenticate(rf.post("/"), username="new", password="") is None
    users.set_password(user=user, password=PASSWORD)
    assert authenticate(rf.post("/"), username="new", password=PASSWORD) == user


def test_no_password_stands_in_history(coordinator: User) -> None:
    users.set_password(user=coordinator, password="another horse battery staple")
    assert "password" not in {field.name for field in history_model(User)._meta.fields}


@pytest.mark.requirement("AC-02")
@pytest.mark.parametrize("role", [r.code for r in roles.all_roles() if r.code not in {"trial-manager", "system"}])
def test_only_trial_managers_make_sites_and_accounts(role: str, nl01: Site, trial_manager: User) -> None:
    person = make_user(role, nl01, f"{role}-2")
    attempts = [
        lambda by: users.create_user(username="x", full_name="X", email="x@test.invalid", by=by),
        lambda by: users.grant(user=person, role_code="data-manager", by=by),
        lambda by: users.deactivate(user=trial_manager, by=by, reason="Left the trial"),
        lambda by: users.end_membership(
            membership=trial_manager.memberships.get(), by=by, on=date(2020, 1, 1), reason="Left the trial"
        ),
        lambda by: users.create_site(number="X1", name="X", country="NL", time_zone="UTC", by=by),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt(person)


@pytest.mark.requirement("AC-02")
def test_nobody_gives_rights_to_themselves(trial_manager: User) -> None:
    with pytest.raises(PermissionDenied, match="yourself"):
        users.grant(user=trial_manager, role_code="data-manager", by=trial_manager)
    with pytest.raises(PermissionDenied, match="yourself"):
        users.deactivate(user=trial_manager, by=trial_manager, reason="A test")


def test_nobody_becomes_the_system(coordinator: User, trial_manager: User) -> None:
    with pytest.raises(ValueError, match="System"):
        users.grant(user=coordinator, role_code="system", by=trial_manager)


@pytest.mark.parametrize("with_site", [True, False])
def test_role_and_site_must_fit(with_site: bool, coordinator: User, nl01: Site, trial_manager: User) -> None:
    code = "data-manager" if with_site else "monitor"
    with pytest.raises(ValueError, match="site"):
        users.grant(user=coordinator, role_code=code, site=nl01 if with_site else None, by=trial_manager)


def test_a_role_that_does_not_exist_is_refused_with_a_sentence(coordinator: User, trial_manager: User) -> None:
    with pytest.raises(ValueError, match="no role"):
        users.grant(user=coordinator, role_code="emperor", by=trial_manager)


def test_a_membership_does_not_end_before_it_starts(coordinator: User, trial_manager: User) -> None:
    membership = coordinator.memberships.get()
    with pytest.raises(ValueError, match="cannot end before that"):
        users.end_membership(membership=membership, by=trial_manager, on=date(2017, 12, 31), reason="Entry error")
    with pytest.raises(IntegrityError, match="membership_ends_after_start"), history(by=trial_manager, role=""):
        Membership.objects.filter(pk=membership.pk).update(ends_on=date(2017, 12, 31))


@pytest.mark.requirement("AC-02")
def test_who_had_which_rights_on_a_day_is_known(coordinator: User, trial_manager: User) -> None:
    today = timezone.now().date()
    users.end_membership(
        membership=coordinator.memberships.get(), by=trial_manager, on=today, reason="Left the hospital"
    )
    held = [
        Membership.in_force(day).filter(user=coordinator).exists()
        for day in (date(2017, 12, 31), date(2018, 1, 1), today, today + timedelta(days=1))
    ]
    assert held == [False, True, True, False]


def test_taking_rights_away_needs_a_reason(coordinator: User, trial_manager: User) -> None:
    with pytest.raises(ReasonNeeded):
        users.deactivate(user=coordinator, by=trial_manager, reason=" ")
    membership = coordinator.memberships.get()
    with pytest.raises(ReasonNeeded):
        users.end_membership(membership=membership, by=trial_manager, on=date(2024, 1, 1), reason=".")


def test_a_site_in_no_time_zone_is_refused(trial_manager: User) -> None:
    with pytest.raises(ValidationError, match="no time zone"):
        users.create_site(number="XX1", name="X", country="NL", time_zone="Europe/Utopia", by=trial_manager)
