"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from trial import access, worklists
from trial.permissions import Permission as P
from trial.views import past, places


def cradle(request: Any) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "trial_name": settings.TRIAL_NAME,
        "environment": "DEMO – SYNTHETIC DATA" if settings.DEMO else "",
        "version": settings.VERSION,
        "past": past.band(request),
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        frame |= {
            "user_name": user.full_name,
            "role_name": ", ".join(dict.fromkeys(role.name for role in access.roles_of(user))) or "No role today",
            "site_label": _site_label(user),
            **places.shown(request),
            "waiting": worklists.count(user),
            "waiting_url": f"{reverse('queries')}?state={worklists.awaited(user) or ''}",
            "search_url": reverse("search") if access.may_anywhere(user, P.VIEW_DATA) else "",
        }
    return {"cradle": frame}


def _site_label(user: Any) -> str:
    numbers = sorted({m.site.number for m in user.current_memberships() if m.site})
    return ", ".join(numbers) if numbers else "All sites"
