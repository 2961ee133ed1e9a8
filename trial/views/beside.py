"""What stands beside the items of a form: study day and age beside dates, and what follows from the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from trial import access, protocol, subject_forms
from trial.crf.spec import CrfSpec
from trial.models import FormRecord, User
from trial.study_day import in_words
from trial.subject_data import SubjectData
from trial.views import form_links


@dataclass(frozen=True)
class Beside:
    """values: the answers as checks see them. entry: day 1. across: whether other forms may be drawn upon."""

    spec: CrfSpec
    values: Mapping[str, Any]
    subject: SubjectData
    entry: date | None
    birth: date | None
    across: bool

    def derived(self, name: str) -> str:
        if name in self.spec.derived_across and not self.across:
            return ""
        return self.spec.derived_beside(name, self.values, self.subject)

    def when(self, name: str) -> str:
        """Study day and age on the day of an answer; "" where it is no full date."""
        value = self.values.get(name)
        if isinstance(value, str) and len(value) == len("2024-01-03") and self.spec.is_partial(name):
            value = date.fromisoformat(value)
        day = value.date() if isinstance(value, datetime) else value
        return in_words(day, entry=self.entry, birth=self.birth) if isinstance(day, date) else ""


def reads(user: User, record: FormRecord) -> frozenset[str]:
    """The CRFs that are drawn upon beside this form; none that the user does not see."""
    wanted = protocol.get().birth_reads | record.spec.derived_reads
    return wanted if _sees(user, record, wanted) else frozenset()


def of_answers(user: User, record: FormRecord, values: Mapping[str, Any], subject: SubjectData) -> Beside:
    """From answers and the subject's forms, this one as it now stands among them."""
    known = protocol.get()
    return Beside(
        spec=record.spec,
        values=values,
        subject=subject,
        entry=record.subject.entered_on if _sees(user, record, known.reads) else None,
        birth=known.birth(subject) if _sees(user, record, known.birth_reads) else None,
        across=_sees(user, record, record.spec.derived_reads),
    )


def others(user: User, record: FormRecord) -> SubjectData:
    """The subject's forms that this one links to, or whose answers stand beside it. One statement, or none."""
    return subject_forms.load(record.subject, reads(user, record) | form_links.codes(record.spec))


def of_row(user: User, record: FormRecord, row: Any, others: SubjectData) -> Beside:
    """From a typed row, saved or empty, and the others that were read."""
    subject = subject_forms.with_row(others, record, row)
    return of_answers(user, record, subject_forms.check_values(record, row), subject)


def _sees(user: User, record: FormRecord, crfs: frozenset[str]) -> bool:
    """An age tells a birth date: who may not read the form that asks for it is not told."""
    seen = access.visible_crfs(user, record.site_id)
    return seen is None or crfs <= seen
