"""May this user: outside one's sites, roles and days there is nothing to be found."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from tests.people import make_user
from trial import access, actions, roles
from trial.actions import onboarding, subjects, users
from trial.models import FormRecord, Query, Site, Subject, User
from trial.permissions import Permission

pytestmark = pytest.mark.django_db


@pytest.fixture
def query(vital_signs: FormRecord, monitor: User) -> Query:
    return actions.open_query(target=vital_signs, item="temp", text="Is this right?", by=monitor)


def reloaded(user: User) -> User:
    return User.objects.get(pk=user.pk)


def getters(record: FormRecord, query: Query) -> dict[str, Any]:
    return {
        "subject": lambda user: access.get_subject(user, record.subject.number),
        "form": lambda user: access.get_form(user, record.pk),
        "query": lambda user: access.get_query(user, query.pk),
        "site": lambda user: access.get_site(user, record.site.number, Permission.VIEW_DATA),
    }


@pytest.mark.requirement("AC-03")
@pytest.mark.parametrize("thing", ["subject", "form", "query", "site"])
def test_another_site_finds_nothing_and_is_told_no_more_than_for_what_does_not_exist(
    thing: str, vital_signs: FormRecord, query: Query, coordinator: User, stranger: User
) -> None:
    get = getters(vital_signs, query)[thing]
    assert get(coordinator).pk
    with pytest.raises(Http404) as elsewhere:
        get(stranger)
    with pytest.raises(Http404) as nowhere:
        access.get_form(stranger, 999_999)
    assert str(elsewhere.value) == str(nowhere.value)


@pytest.mark.requirement("AC-03")
def test_lists_hold_ones_own_sites_only(
    vital_signs: FormRecord, query: Query, coordinator: User, stranger: User, it02: Site
) -> None:
    theirs = subjects.screen_subject(site=it02, by=stranger)
    assert [list(rows(coordinator)) for rows in (access.subjects, access.forms, access.queries)] == [
        [vital_signs.subject], [vital_signs], [query],
    ]  # fmt: skip
    assert [list(rows(stranger)) for rows in (access.subjects, access.forms, access.queries)] == [[theirs], [], []]
    assert list(access.sites(stranger)) == [it02]


@pytest.mark.requirement("AC-03")
def test_a_person_of_two_sites_sees_both(nl01: Site, it02: Site, monitor: User) -> None:
    users.grant(user=monitor, role_code="monitor", site=it02, by=User.objects.system(), starts_on=date(2018, 1, 1))
    assert set(access.sites(reloaded(monitor))) == {nl01, it02}


@pytest.mark.requirement("AC-02")
@pytest.mark.parametrize("role", ["data-manager", "inspector", "trial-manager"])
def test_people_of_the_study_see_all_sites(role: str, vital_signs: FormRecord, it02: Site) -> None:
    person = make_user(role, username=f"{role}-2")
    assert access.get_form(person, vital_signs.pk) == vital_signs
    assert access.sites(person).count() == 2


@pytest.mark.requirement("AC-02")
def test_people_of_the_reports_see_no_clinical_data(vital_signs: FormRecord, query: Query) -> None:
    for role in [role for role in roles.all_roles() if role.scope is roles.Scope.REPORTS]:
        person = make_user(role.code, username=f"{role.code}-2")
        for get in getters(vital_signs, query).values():
            with pytest.raises(Http404):
                get(person)
        assert not access.subjects(person).exists()


WRITERS = {"site-coordinator", "investigator", "sub-investigator"}


@pytest.mark.requirement("AC-02")
@pytest.mark.parametrize("role", [role.code for role in roles.all_roles() if role.code != "system"])
def test_only_site_staff_write_site_data(role: str, nl01: Site) -> None:
    """ICH E6(R3) 3.16.1(i): the sponsor's people change no data of a site."""
    person = make_user(role, nl01, f"{role}-2")
    vital_signs = access.may(person, Permission.ENTER_DATA, nl01.pk, "vital_signs")
    assert vital_signs == (role in WRITERS)
    assert access.may(person, Permission.ENROL, nl01.pk) == (role in WRITERS)


@pytest.mark.requirement("AC-02")
@pytest.mark.parametrize("role", [role for role in roles.all_roles() if role.crfs is not None], ids=lambda r: r.code)
def test_a_role_of_some_crfs_sees_those_only(role: roles.Role, vital_signs: FormRecord, query: Query) -> None:
    person = make_user(role.code, username=f"{role.code}-2")
    assert access.get_subject(person, vital_signs.subject.number)
    with pytest.raises(Http404):
        access.get_form(person, vital_signs.pk)
    with pytest.raises(Http404):
        access.get_query(person, query.pk)
    assert not access.may(person, Permission.ENTER_DATA, vital_signs.site_id, "vital_signs")


@pytest.mark.requirement("AC-02")
def test_an_inspector_writes_nothing(nl01: Site) -> None:
    person = make_user("inspector")
    reads = {Permission.VIEW_DATA, Permission.VIEW_AUDIT}
    assert {p for p in Permission if access.may(person, p, nl01.pk)} <= reads


@pytest.mark.requirement("AC-02")
def test_who_manages_people_enters_no_data_and_the_reverse(nl01: Site) -> None:
    for role in roles.all_roles():
        assert not {Permission.MANAGE_PEOPLE, Permission.ENTER_DATA} <= role.permissions, role.name


def today() -> date:
    return timezone.now().date()


@pytest.mark.requirement("AC-02")
@pytest.mark.parametrize(
    ("starts", "ends", "in_force"),
    [(-10, None, True), (0, None, True), (1, None, False), (-10, 0, True), (-10, -1, False), (0, 0, True)],
)
def test_a_role_holds_from_its_first_to_its_last_day(
    starts: int, ends: int | None, in_force: bool, nl01: Site, subject: Subject
) -> None:
    day = today()
    person = users.create_user(
        username="dated", full_name="Dated Person", email="dated@test.invalid", by=User.objects.system()
    )
    users.grant(
        user=person,
        role_code="site-coordinator",
        site=nl01,
        by=User.objects.system(),
        starts_on=day + timedelta(days=starts),
        ends_on=None if ends is None else day + timedelta(days=ends),
    )
    onboarding.record_training(user=person, by=User.objects.system(), completed_on=day)
    assert access.may(person, Permission.ENTER_DATA, nl01.pk) is in_force
    assert access.subjects(person).exists() is in_force
    assert list(access.sites(person)) == ([nl01] if in_force else [])


@pytest.mark.requirement("AC-02")
def test_a_membership_that_ended_yesterday_gives_nothing(
    coordinator: User, nl01: Site, vital_signs: FormRecord
) -> None:
    users.end_membership(
        membership=coordinator.memberships.get(),
        by=User.objects.system(),
        on=today() - timedelta(days=1),
        reason="Left the hospital",
    )
    gone = reloaded(coordinator)
    with pytest.raises(Http404):
        access.get_form(gone, vital_signs.pk)
    with pytest.raises(PermissionDenied, match=r"none"):
        actions.save_form(record=vital_signs, values={"temp": "38"}, by=gone, reason="Entry error")


def test_a_refusal_names_the_role_and_what_it_may_not(data_manager: User, nl01: Site) -> None:
    with pytest.raises(PermissionDenied, match=r"Your role \(Data manager\) may not enter and correct data here\."):
        access.role_for(data_manager, Permission.ENTER_DATA, nl01.pk)
    with pytest.raises(PermissionDenied, match="may not build reports"):
        access.role_anywhere(data_manager, Permission.BUILD_REPORT)
