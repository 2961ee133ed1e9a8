"""Keep the filters of a list under a name, and forget them. One person's own; history says nothing of it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from trial import identifiers
from trial.lifecycle import WrongState
from trial.models import SavedFilter, User

MOST = 20  # of one list


class NameNeeded(ValueError):
    """Filters are to be kept without a name, or under one that will not do; the message is a sentence."""


@transaction.atomic
def keep_filter(*, page: str, query: str, name: str, by: User) -> SavedFilter:
    """Keep the filters of a list; those kept under the same name give way.

    page, query: see SavedFilter; the caller has read the filters by the list's own form. Raises NameNeeded; WrongState
    where the list has `MOST` already.
    """
    name = _checked(name)
    User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)  # two windows take turns
    kept = SavedFilter.objects.filter(user=by, page=page)
    if not kept.filter(name=name).exists() and kept.count() >= MOST:
        raise WrongState(f"You keep {MOST} filters of this list, which is the most. Remove one first.")
    return SavedFilter.objects.update_or_create(user=by, page=page, name=name, defaults={"query": query})[0]


def forget_filter(*, kept: SavedFilter, by: User) -> None:
    """Remove it. Raises PermissionDenied unless it is `by`'s own."""
    if kept.user_id != by.pk:
        raise PermissionDenied("These filters are somebody else's.")
    kept.delete()


def _checked(name: str) -> str:
    name = " ".join(name.split())
    longest = SavedFilter._meta.get_field("name").max_length
    if not name:
        raise NameNeeded("Give these filters a name.")
    if len(name) > (longest or 0):
        raise NameNeeded(f"The name has {len(name)} characters; {longest} are the most.")
    if identifiers.found(name):
        raise NameNeeded("The name may identify a person. Give another one.")
    return name
