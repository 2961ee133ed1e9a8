from trial.models.access_log import AccessEvent
from trial.models.base import Crf, TableClass, crf_table, item_fields
from trial.models.forms import FormRecord
from trial.models.jobs import Job, JobState, OutboxMail
from trial.models.locks import Lock, LockScope
from trial.models.queries import Query, QueryMessage
from trial.models.sites import Site
from trial.models.subjects import Subject, Visit
from trial.models.users import Membership, User

__all__ = [
    "AccessEvent",
    "Crf",
    "FormRecord",
    "Job",
    "JobState",
    "Lock",
    "LockScope",
    "Membership",
    "OutboxMail",
    "Query",
    "QueryMessage",
    "Site",
    "Subject",
    "TableClass",
    "User",
    "Visit",
    "crf_table",
    "item_fields",
]
