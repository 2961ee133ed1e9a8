"""People, sites and who had which rights when."""

import re
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils import timezone
from rest_framework.authtoken.models import Token

from trial import access, reasons, roles
from trial.history import history
from trial.models import Membership, Site, User
from trial.models.users import check_scope
from trial.permissions import Permission


def create_user(*, username: str, full_name: str, email: str, by: User, password: str | None = None) -> User:
    """A new account without rights. Without a password it cannot sign in until its owner has set one.

    Raises ValidationError; also for a name or an address that is somebody's but for capitals.
    """
    with history(by=by, role=manager_role(by)):
        _refuse_lookalike(username=username, email=email)
        user = User(username=username, full_name=full_name, email=email)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
    return user


def grant(
    *, user: User, role_code: str, by: User, site: Site | None = None, starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:  # fmt: skip
    """Give a role, at a site or in the study, from a day.

    Raises ValueError if there is no such role for people, role and site do not fit, it would end before it starts, or
    is given from that day already; PermissionDenied unless `by` manages people, and for rights to oneself.
    """
    check_scope(_role_for_people(role_code), site)
    refuse_oneself(user, by)
    first = starts_on or timezone.now().date()
    _check_ends_after(first, ends_on)
    try:
        with history(by=by, role=manager_role(by), site_id=site.pk if site else None):
            return Membership.objects.create(
                user=user, role_code=role_code, site=site, starts_on=first, ends_on=ends_on
            )
    except IntegrityError:
        raise ValueError(f"{user.full_name} has this role from {first:%d-%b-%Y} already.") from None


def end_membership(*, membership: Membership, by: User, on: date, reason: str) -> None:
    """Let a role end on a day (that day included), never later than it ends already.

    Raises ReasonNeeded; ValueError for a later day, and for one before the role starts; PermissionDenied for a role of
    one's own.
    """
    reason = reasons.check(reason)
    refuse_oneself(membership.user, by)
    _check_ends_after(membership.starts_on, on)
    with history(by=by, role=manager_role(by), reason=reason):
        ends_on = Membership.objects.select_for_update().get(pk=membership.pk).ends_on  # two may end it at once
        if ends_on is not None and on > ends_on:
            raise ValueError(f"This role ends on {ends_on:%d-%b-%Y} already. Grant a new one instead of prolonging it.")
        membership.ends_on = on
        membership.save(update_fields=["ends_on"])


def deactivate(*, user: User, by: User, reason: str) -> None:
    """No more sign-in; name and history stay. Nobody is ever deleted. Raises ReasonNeeded."""
    reason = reasons.check(reason)
    refuse_oneself(user, by)
    with history(by=by, role=manager_role(by), reason=reason):
        user.is_active = False
        user.save(update_fields=["is_active"])
        Token.objects.filter(user=user).delete()


def set_password(*, user: User, password: str) -> None:
    """The owner sets a new password."""
    with history(by=user, role="", reason="Password changed by its owner"):
        user.set_password(password)
        user.must_set_password = False
        user.save(update_fields=["password", "must_set_password"])
        Token.objects.filter(user=user).delete()  # who knew the old password may hold one


def create_site(
    *, number: str, name: str, country: str, time_zone: str, by: User, activated_on: date | None = None,
    source: str = "",
) -> Site:  # fmt: skip
    """A new site. Raises ValidationError for an unknown time zone, a number that exists or that is none."""
    with history(by=by, role=manager_role(by), source=source):
        _check_site_number(number)
        site = Site(
            number=number,
            name=name,
            country=country,
            time_zone=time_zone,
            activated_on=activated_on,
            source=source,
        )
        site.full_clean()
        site.save()
    return site


# A site's number never changes and stands in addresses, beside `/sites/new/`.
_SITE_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)


def _check_site_number(number: str) -> None:
    if not _SITE_NUMBER.fullmatch(number) or number.lower() == "new":
        raise ValidationError({"number": f"“{number}” is no site number. Use letters and digits, for example NL01."})
    if Site.objects.filter(number__iexact=number).exists():
        raise ValidationError({"number": f"There is a site {number.upper()} already."})


def _refuse_lookalike(**given: str) -> None:
    """`Monitor` beside `monitor` would be two people under one name in every signature and history."""
    for name, value in given.items():
        if User.objects.filter(**{f"{name}__iexact": value}).exists():
            raise ValidationError({name: f"Somebody has “{value}” already. Capitals make no difference."})


def _check_ends_after(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise ValueError(f"The role starts on {first:%d-%b-%Y}, and cannot end before that. Check both dates.")


def _role_for_people(code: str) -> roles.Role:
    known = {role.code: role for role in roles.all_roles()}
    if code not in known:
        raise ValueError(f"There is no role “{code}”. Use one of {', '.join(sorted(known))}.")
    if code == "system":
        raise ValueError("The role System is for work without a person; give it to nobody.")
    return known[code]


def refuse_oneself(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise PermissionDenied("You cannot change rights of yourself; ask another trial manager.")


def manager_role(by: User) -> str:
    """Trial managers, and work without a person (installation, import, demo)."""
    if any(role.code == "system" for role in access.roles_of(by)):
        return "system"
    return access.role_for(by, Permission.MANAGE_PEOPLE).code
