"""All that changes anything. Keyword-only, the actor is `by`; views, API, imports and tasks call the same ones."""

from trial.actions.audit_review import review_audit
from trial.actions.checks import ChecksRun, run_checks
from trial.actions.drafts import forget_draft, forget_drafts, forget_old_drafts, keep_draft
from trial.actions.forms import (
    Refused,
    Saved,
    Source,
    Unconfirmed,
    VersionConflict,
    check_subject,
    delete_form,
    new_record,
    preview,
    save_form,
)
from trial.actions.locks import end_correction, freeze, lock, open_for_correction, unfreeze, unlock
from trial.actions.prompts import note_unreadable
from trial.actions.queries import (
    MissingForm,
    answer_query,
    can_cancel_query,
    can_close_query,
    can_reopen_query,
    cancel_query,
    close_query,
    open_query,
    reopen_query,
)
from trial.actions.signatures import (
    AcknowledgementNeeded,
    WrongDelegation,
    WrongPassword,
    delegate,
    end_delegation,
    sign,
)
from trial.actions.subjects import NumberTaken, screen_subject
from trial.actions.users import create_site, create_user, deactivate, end_membership, grant, set_password
from trial.actions.verification import mark, set_plan, unmark

__all__ = [
    "AcknowledgementNeeded",
    "ChecksRun",
    "MissingForm",
    "NumberTaken",
    "Refused",
    "Saved",
    "Source",
    "Unconfirmed",
    "VersionConflict",
    "WrongDelegation",
    "WrongPassword",
    "answer_query",
    "can_cancel_query",
    "can_close_query",
    "can_reopen_query",
    "cancel_query",
    "check_subject",
    "close_query",
    "create_site",
    "create_user",
    "deactivate",
    "delegate",
    "delete_form",
    "end_correction",
    "end_delegation",
    "end_membership",
    "forget_draft",
    "forget_drafts",
    "forget_old_drafts",
    "freeze",
    "grant",
    "keep_draft",
    "lock",
    "mark",
    "new_record",
    "note_unreadable",
    "open_for_correction",
    "open_query",
    "preview",
    "reopen_query",
    "review_audit",
    "run_checks",
    "save_form",
    "screen_subject",
    "set_password",
    "set_plan",
    "sign",
    "unfreeze",
    "unlock",
    "unmark",
]
