"""Protocol deviations: what the sites entered is what the board reads."""

from collections.abc import Iterable
from typing import Any

import pytest

from patients.crfs.deviation import Category, Deviation
from reports.datasets import take
from reports.tables import deviations
from tests.people import make_user
from tests.reports.test_datasets import FINAL
from trial import actions
from trial.models import FormRecord, Subject

pytestmark = [pytest.mark.usefixtures("imported_committed"), pytest.mark.requirement("DE-12")]

Listed = tuple[str, str, Any, str, str | None, str]


def entered() -> list[Listed]:
    """The list of deviations: subject, category, first day, words, impact, confirmed."""
    rows = Deviation.objects.filter(record__deleted_at=None).order_by("record__subject__number", "dvstdat")
    names = ("record__subject__number", "dvcat", "dvstdat", "dvterm", "dvimpact", "dvconf")
    return list(rows.values_list(*names))


def counts(rows: Iterable[Listed]) -> tuple[str, str]:
    found = list(rows)
    return str(len(found)), str(len({row[0] for row in found}))


def check_the_report() -> None:
    """The report's rows, and each number of its table, against the list."""
    snapshot, listed = take(cut=FINAL), entered()
    columns = ("USUBJID", "DVCAT", "DVSTDT", "DVTERM", "DVIMPACT", "DVCONF")
    assert [tuple(row[name] for name in columns) for row in snapshot["ADDV"].records] == listed
    printed = {line.cells[0]: line.cells[1:] for line in deviations.build(snapshot).lines}
    assert printed.pop("Any deviation") == counts(listed)
    counted = [row for row in listed if row[1] == Category.TREATMENT_SCHEDULE and row[5] == "Y"]
    assert printed.pop("Confirmed, of the treatment schedule") == counts(counted)
    assert printed == {
        category.label: counts(row for row in listed if row[1] == category.value) for category in Category
    }


def test_the_list_equals_the_table_of_the_report_before_and_after_a_new_deviation() -> None:
    assert len(entered()) == 5
    check_the_report()
    subject = Subject.objects.get(number="S001")
    coordinator = make_user("site-coordinator", subject.site, "deviations")
    day_8 = FormRecord.objects.filter(subject=subject, crf_code="vital_signs", visit__code="day_8").get()
    values = {
        "dvcat": "PROCEDURE", "dvstdat": "2018-08-05", "dvterm": "Weight was not taken", "dvimpact": "MINOR",
        "dvconf": "Y", "dvform": str(day_8.pk),
    }  # fmt: skip
    record = actions.new_record(subject=subject, crf_code="deviation")
    saved = actions.save_form(record=record, values=values, by=coordinator).record
    assert saved.answers().dvform == day_8
    assert ("S001", "PROCEDURE", "MINOR") in {(row[0], row[1], row[4]) for row in entered()}
    check_the_report()


def test_the_four_that_a_deviation_has_to_say_are_asked_for() -> None:
    spec = FormRecord(crf_code="deviation").spec
    asked = {item.name for item in spec.items if item.required}
    assert {"dvcat", "dvstdat", "dvterm", "dvimpact", "dvconf"} == asked
    assert {"treatment_block", "infusion", "vital_signs", "mrd_sample"} <= set(spec.item("dvform").links_to)
