from trial.models.access_log import AccessEvent
from trial.models.base import Crf, TableClass, crf_table, item_fields
from trial.models.changesets import Changeset
from trial.models.checks import CheckRetirement
from trial.models.entry import Draft, Prompt
from trial.models.filters import SavedFilter
from trial.models.forms import FormRecord
from trial.models.jobs import Job, JobState, OutboxMail
from trial.models.locks import Lock, LockKind, LockScope
from trial.models.onboarding import Invitation, Training
from trial.models.queries import Query, QueryMessage
from trial.models.reviews import AccessReview, AuditReview, ReviewKind, ReviewMark, VerificationPlan
from trial.models.signatures import (
    Delegation,
    Signature,
    SignatureAcknowledgement,
    SignatureScope,
    SignatureVoid,
    SignedForm,
)
from trial.models.sites import Site
from trial.models.subjects import Subject, Visit
from trial.models.users import Membership, User

__all__ = [
    "AccessEvent",
    "AccessReview",
    "AuditReview",
    "Changeset",
    "CheckRetirement",
    "Crf",
    "Delegation",
    "Draft",
    "FormRecord",
    "Invitation",
    "Job",
    "JobState",
    "Lock",
    "LockKind",
    "LockScope",
    "Membership",
    "OutboxMail",
    "Prompt",
    "Query",
    "QueryMessage",
    "ReviewKind",
    "ReviewMark",
    "SavedFilter",
    "Signature",
    "SignatureAcknowledgement",
    "SignatureScope",
    "SignatureVoid",
    "SignedForm",
    "Site",
    "Subject",
    "TableClass",
    "Training",
    "User",
    "VerificationPlan",
    "Visit",
    "crf_table",
    "item_fields",
]
