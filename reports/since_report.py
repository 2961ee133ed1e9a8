"""Changes since a report: what was corrected after its data were frozen, and the step that opens one form for more."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reports.access import makes_reports
from reports.models import Report
from trial import access, locks, trail
from trial.form_fields import row_field
from trial.models import FormRecord, User
from trial.permissions import Permission as P
from trial.views.filters import WrongFilter
from trial.views.locks import corrections
from trial.views.request import SignedInRequest

SHOWN = 200  # history rows; a report is followed by few corrections


class ReportField(forms.ModelChoiceField):
    def label_from_instance(self, report: Report) -> str:
        return f"{report}, cut {report.cut:%d-%b-%Y}"


class ReportChoice(forms.Form):
    report = ReportField(Report.objects.none(), required=False, empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row_field(self, "report").queryset = reports()


def reports() -> Any:
    """Every report that was built, the newest first. Number, cut and moment tell nothing of what it says."""
    return Report.objects.filter(freeze__isnull=False)


@require_safe
def changes(request: SignedInRequest) -> HttpResponse:
    """Forms changed since a report's data were frozen, and those that wait for their correction."""
    if not makes_reports(request.user):
        access.role_anywhere(request.user, P.LOCK)
    choice = ReportChoice(request.GET if "report" in request.GET else None)
    report = _chosen(choice) or reports().first()
    lines = _lines(request.user, report) if report else []
    context = {
        "filters": choice if report else None,
        "report": report,
        "lines": lines,
        "shown": SHOWN,
        "corrections": corrections(request.user),
        "can_open": access.may_anywhere(request.user, P.LOCK),
    }
    return render(request, "reports/since_report.html", context)


def _chosen(choice: ReportChoice) -> Report | None:
    """The report that was asked for, None where none was. Raises WrongFilter: another's changes are no answer."""
    if not choice.is_bound:
        return None
    if not choice.is_valid():
        asked = choice.data.get("report", "")[:40]
        raise WrongFilter(
            f"There is no report “{asked}” whose data were frozen. Go back to “Changes since a report” and choose one."
        )
    report: Report | None = choice.cleaned_data["report"]
    return report


def _lines(user: User, report: Report) -> list[dict[str, Any]]:
    """Form by form, the newest change first: corrected items, and what holds the form now. New entries are none."""
    wanted = trail.Filter(reach=trail.reach(user).reach, since=report.freeze, updates=True)
    found: dict[int, dict[str, Any]] = {}
    for change in trail.page(wanted, limit=SHOWN):
        if change.record and trail.is_answer(change):
            found.setdefault(change.record, {"changes": []})["changes"].append(change)
    records = FormRecord.objects.filter(pk__in=found).select_related("subject", "visit")
    for record in records:
        held, opened = locks.state_of(record)
        found[record.pk] |= {"record": record, "held": held, "opened": opened}
    return [line for line in found.values() if "record" in line]
