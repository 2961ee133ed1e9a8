"""Samples that wait for a result. Those that are expected and not there are among the forms that are due."""

from django.db.models import Exists, OuterRef

from mrd.crfs.mrd_result import MrdResult
from trial import access
from trial.models import FormRecord, User
from trial.permissions import Permission as P
from trial.worklists import Line, Narrow, Rows, Source, WorkList
from trial.worklists.lists import narrowed
from trial.worklists.signing import form_lines


def without_result(user: User, narrow: Narrow) -> Source | None:
    """For the laboratory: it enters results and sees few forms beside them."""
    laboratory = any(role.crfs and "mrd_result" in role.crfs for role in access.roles_of(user))
    if not laboratory or not access.may_anywhere(user, P.ENTER_DATA):
        return None
    results = MrdResult.objects.filter(sample=OuterRef("pk"), record__deleted_at=None)
    rows = access.forms(user).filter(~Exists(results), crf_code="mrd_sample", deleted_at=None)
    return Rows(
        narrowed(rows.select_related("subject", "site", "visit").order_by("created_at", "id"), narrow), _waiting
    )


def _waiting(records: list[FormRecord]) -> list[Line]:
    return form_lines(records, status="due", word="No result")


LISTS = (
    WorkList(
        slug="samples-without-result",
        title="Samples without result",
        empty_text="Every sample has a result.",
        find=without_result,
    ),
)
