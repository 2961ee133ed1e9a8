"""May this user: the only way to get an object for a user. Outside one's sites there is nothing to be found: 404."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.db.models import Q, QuerySet
from django.http import Http404

from trial import clock, training
from trial.models import FormRecord, Query, Site, Subject, User, Visit
from trial.permissions import Permission
from trial.roles import Role, Scope

READING = frozenset({Permission.VIEW_DATA, Permission.VIEW_AUDIT})
# Who manages people records trainings, and after a new version first those of the other managers.
NEED_NO_TRAINING = READING | {Permission.READ_CLOSED_REPORT, Permission.MANAGE_PEOPLE}


def roles_at(user: User, site_id: int | None) -> list[Role]:
    """The user's roles at a site: those of the site and those of the study."""
    return [
        membership.role
        for membership in user.current_memberships()
        if membership.role.scope is not Scope.SITE or membership.site_id == site_id
    ]


def roles_of(user: User) -> list[Role]:
    return [membership.role for membership in user.current_memberships()]


def may(user: User, permission: Permission, site_id: int | None = None, crf: str | None = None) -> bool:
    return bool(roles_for(user, permission, site_id, crf))


def may_anywhere(user: User, permission: Permission) -> bool:
    """Whether any of the user's roles has this permission, wherever it holds."""
    return _possible(user, permission) and any(permission in role.permissions for role in roles_of(user))


def _possible(user: User, permission: Permission) -> bool:
    """What stood at a past moment can only be read; without training clinical data are only read (AC-09)."""
    if clock.shown_moment() is not None and permission not in READING:
        return False
    return permission in NEED_NO_TRAINING or user.is_trained


def role_for(user: User, permission: Permission, site_id: int | None = None, crf: str | None = None) -> Role:
    """The role as which the user acts. Raises PermissionDenied with a sentence."""
    if able := roles_for(user, permission, site_id, crf):
        return able[0]
    check_trained(user)
    names = ", ".join(sorted({role.name for role in roles_of(user)})) or "none"
    raise PermissionDenied(f"Your role ({names}) may not {permission} here.")


def check_trained(user: User) -> None:
    """Raise PermissionDenied, with what to do, where it is the training that is wanting."""
    if reminder := training_wanted(user):
        raise PermissionDenied(reminder)


def training_wanted(user: User) -> str:
    """What this user has to do before anything can be changed; "" where nothing is wanting."""
    is_wanted = clock.shown_moment() is None and roles_of(user) and not user.is_trained
    return training.REMINDER if is_wanted else ""


def roles_for(user: User, permission: Permission, site_id: int | None = None, crf: str | None = None) -> list[Role]:
    """The roles as which the user may act: none without training, nor on a page of the past."""
    if not _possible(user, permission):
        return []
    return [
        role for role in roles_at(user, site_id)
        if permission in role.permissions and (crf is None or role.sees(crf))
    ]  # fmt: skip


def role_anywhere(user: User, permission: Permission) -> Role:
    """The first role with this permission, wherever it holds. Raises PermissionDenied with a sentence."""
    if may_anywhere(user, permission):
        return next(role for role in roles_of(user) if permission in role.permissions)
    return role_for(user, permission)


def sites(user: User, permission: Permission = Permission.VIEW_DATA) -> QuerySet[Site]:
    """The sites whose data this user may see (or do `permission` with)."""
    if any(
        permission in membership.role.permissions and membership.role.scope is not Scope.SITE
        for membership in user.current_memberships()
    ):
        return Site.objects.all()
    return Site.objects.filter(
        pk__in=[m.site_id for m in user.current_memberships() if permission in m.role.permissions and m.site_id]
    )


def _in_reach(user: User, crf_code: str = "") -> Q:
    """The filter on `site`, and on the column `crf_code` if named, without a statement of its own.

    Each role reaches its own CRFs at its own sites: one of few CRFs in all sites beside one of all CRFs in one site
    does not make all of all.
    """
    reach = Q(pk__in=[])
    for membership in user.current_memberships():
        role = membership.role
        if Permission.VIEW_DATA not in role.permissions:
            continue
        part = Q(site=membership.site_id) if role.scope is Scope.SITE else Q()
        if crf_code and role.crfs is not None:
            part &= Q(**{f"{crf_code}__in": sorted(role.crfs)})
        if not part:
            return Q()
        reach |= part
    return reach


def reach(user: User) -> tuple[tuple[int | None, frozenset[str] | None], ...]:
    """What the user sees, for statements of our own: pairs of a site (None: all) and of CRFs there (None: all)."""
    return tuple(
        (membership.site_id if membership.role.scope is Scope.SITE else None, membership.role.crfs)
        for membership in user.current_memberships()
        if Permission.VIEW_DATA in membership.role.permissions
    )


def visible_crfs(user: User, site_id: int | None = None) -> frozenset[str] | None:
    """The CRFs that the user sees, at a site or (None) anywhere; the answer None means all."""
    seen: frozenset[str] = frozenset()
    for role in roles_of(user) if site_id is None else roles_at(user, site_id):
        if Permission.VIEW_DATA in role.permissions:
            if role.crfs is None:
                return None
            seen |= role.crfs
    return seen


def subjects(user: User) -> QuerySet[Subject]:
    return Subject.objects.filter(_in_reach(user)).select_related("site")


def forms(user: User) -> QuerySet[FormRecord]:
    """Form records that the user may see, deleted ones included."""
    return FormRecord.objects.filter(_in_reach(user, "crf_code"))


def queries(user: User) -> QuerySet[Query]:
    return Query.objects.filter(_in_reach(user, "crf_code"))


def get_subject(user: User, number: str) -> Subject:
    return _get(subjects(user), number=number)


def get_visit(user: User, number: str, code: str) -> Visit:
    """A planned visit of a subject."""
    return _get(get_subject(user, number).visits.select_related("subject__site", "site"), code=code)


def get_form(user: User, pk: int) -> FormRecord:
    return _get(forms(user).select_related("subject__site", "site", "visit", "updated_by"), pk=pk)


def get_query(user: User, pk: int) -> Query:
    return _get(
        queries(user).select_related("record__visit", "visit", "subject", "site", "opened_by", "closed_by"), pk=pk
    )


def get_site(user: User, number: str, permission: Permission) -> Site:
    return _get(sites(user, permission), number=number)


def _get(rows: QuerySet[Any], **lookup: Any) -> Any:
    try:
        found = rows.filter(**lookup).first()
    except (ValueError, DataError):  # a text that PostgreSQL cannot hold (NUL, half a surrogate pair) names nothing
        found = None
    if found is None:
        raise Http404("There is nothing here, or it is not at one of your sites.")
    return found
