"""Who had which rights on a day, from history alone: what was known then, not what was entered later (AC-04)."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.utils import timezone

from trial import roles
from trial.models import AccessReview

REVIEW_EVERY = timedelta(days=180)
_ON_DAY = """
WITH membership AS (
    SELECT DISTINCT ON (m.pgh_obj_id) m.* FROM trial_membershiphistoryrow m
    LEFT JOIN trial_changeset c ON c.id = m.pgh_changeset
    WHERE coalesce(c.committed_at, m.pgh_created_at) < %(end)s ORDER BY m.pgh_obj_id, m.pgh_id DESC
), account AS (
    SELECT DISTINCT ON (u.pgh_obj_id) u.* FROM trial_userhistoryrow u
    LEFT JOIN trial_changeset c ON c.id = u.pgh_changeset
    WHERE coalesce(c.committed_at, u.pgh_created_at) < %(end)s ORDER BY u.pgh_obj_id, u.pgh_id DESC
)
SELECT account.username, account.full_name, membership.role_code, coalesce(s.number, ''),
    membership.starts_on, membership.ends_on, EXISTS (
        SELECT FROM trial_traininghistoryrow t WHERE t.user_id = account.id AND t.pgh_created_at < %(end)s
        AND t.pgh_label <> 'delete'), account.must_set_password
FROM membership JOIN account ON account.id = membership.user_id LEFT JOIN trial_site s ON s.id = membership.site_id
WHERE membership.pgh_label <> 'delete' AND account.is_active AND membership.starts_on <= %(day)s
    AND (membership.ends_on IS NULL OR membership.ends_on >= %(day)s) AND membership.role_code <> 'system'
ORDER BY account.username, membership.role_code, 4
"""


@dataclass(frozen=True, kw_only=True)
class Right:
    """One role of one person on a day. site: "" for the whole study. trained: any version of the training recorded."""

    username: str
    name: str
    role: str
    site: str
    starts_on: date
    ends_on: date | None
    trained: bool
    password_set: bool


def on(day: date) -> list[Right]:
    """Every role in force on a day, of accounts that were active at its end (UTC), as history knew then."""
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    with connection.cursor() as cursor:
        cursor.execute(_ON_DAY, {"day": day, "end": end})
        return [
            Right(
                username=username,
                name=name,
                role=roles.get(code).name,
                site=site,
                starts_on=starts_on,
                ends_on=ends_on,
                trained=trained,
                password_set=not must_set,
            )
            for username, name, code, site, starts_on, ends_on, trained, must_set in cursor.fetchall()
        ]


def sha256(rights: list[Right]) -> str:
    """Of the list as canonical JSON: what was signed off can be told from what was not."""
    text = json.dumps([asdict(right) for right in rights], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def last_review() -> AccessReview | None:
    return AccessReview.objects.select_related("by").order_by("id").last()


def overdue_since() -> date | None:
    """The day since which a review of the access rights is overdue; None while it is not."""
    last = last_review()
    if last is None:
        return timezone.now().date()
    due = last.at.date() + REVIEW_EVERY
    return due if due <= timezone.now().date() else None
