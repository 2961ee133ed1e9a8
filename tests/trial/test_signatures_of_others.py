"""A signature over a casebook tells who sees a part of the forms nothing of the others (AC-03)."""

import pytest

from tests.access.world import enter_blank
from tests.people import VITAL_SIGNS, make_user
from tests.trial.pages import browser, words
from trial import actions
from trial.history import history
from trial.models import FormRecord, Signature, SignatureScope, SignedForm, Subject, User


@pytest.mark.requirement("AC-03")
def test_the_laboratory_reads_neither_forms_nor_reasons_of_other_crfs(
    subject: Subject, vital_signs: FormRecord, coordinator: User, investigator: User
) -> None:
    sample = enter_blank(subject, "mrd_sample", coordinator)
    signature = _signed(subject, [sample, vital_signs], investigator)
    actions.save_form(
        record=vital_signs,
        values={**VITAL_SIGNS, "hr": 121},
        by=coordinator,
        expected_version=1,
        reason="Pulse misread",
    )
    laboratory = browser(make_user("mrd-laboratory"))
    kept = laboratory.get(f"/api/v1/signatures/{signature.pk}/").json()
    assert [form["record"] for form in kept["forms"]] == [sample.pk]
    assert set(kept["void"]) == {"at"}
    for url in (f"/signatures/{signature.pk}/", f"/forms/{sample.pk}/"):
        shown = words(laboratory.get(url))
        assert "Signature void" in shown
        assert "Pulse" not in shown
    assert "Pulse misread" in words(browser(coordinator).get(f"/signatures/{signature.pk}/"))


def _signed(subject: Subject, records: list[FormRecord], by: User) -> Signature:
    """A signature over these forms of the casebook, as its action writes it."""
    with history(by=by, role="investigator", site_id=subject.site_id):
        signature = Signature.objects.create(
            scope=SignatureScope.CASEBOOK, subject=subject, site=subject.site, by=by, printed_name=by.full_name,
            role="investigator", meaning="Reviewed and approved", statement="", statement_version="1",
            time_zone=subject.site.time_zone,
        )  # fmt: skip
        for record in records:
            SignedForm.objects.create(
                signature=signature, record=record, version=record.version, history_id=1, sha256="0" * 64
            )
    return signature
