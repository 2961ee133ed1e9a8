"""The access log: sign-ins, refusals, downloads. Each leaves one event with actor and time."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from trial.models import AccessEvent, User


def record(
    *, user: User | None, event: str, target: str = "", role: str = "", sha256: str = "", request: Any = None,
    username: str = "",
) -> AccessEvent:  # fmt: skip
    """Write one event of the access log."""
    return AccessEvent.objects.create(
        user=user,
        username=username or (user.username if user else ""),
        role=role,
        event=event,
        target=target,
        sha256=sha256,
        origin=request.META.get("REMOTE_ADDR", "") if request is not None else "",
    )


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    record(user=user, event="signed in", request=request)


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    record(user=user, event="signed out", request=request)


@receiver(user_login_failed)
def refused(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    record(user=None, username=str(credentials.get("username", ""))[:80], event="sign-in refused", request=request)
