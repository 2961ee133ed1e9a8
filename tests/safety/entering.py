"""Forms entered through `save_form`, complete and without a finding of their own, for tests of checks."""

from typing import Any

from trial.actions import forms
from trial.models import FormRecord, Query, Subject, User

AE = {
    "aeterm": "Fever",
    "aetoxgr": 1,
    "aestdat": "2024-03-10",
    "aeongo": "N",
    "aeendat": "2024-03-12",
    "aerel": "POSSIBLE",
    "aeacn": "NONE",
    "aeout": "RECOVERED",
    "aeser": "N",
    "aeesi": "NONE",
}
SAE = {
    **{name.replace("ae", "sae", 1): value for name, value in AE.items() if name not in ("aeser", "aeesi")},
    "sdth": "N",
    "slife": "N",
    "shosp": "Y",
    "sdisab": "N",
    "scong": "N",
    "smie": "N",
    "awaredtc": "2024-03-10T10:00",
    "reportdtc": "2024-03-10T18:00",
    "narrative": "An invented girl had fever.",
}
TESTS: dict[str, tuple[Any, ...]] = {
    "hgb": (110, "g/L", 105, 140),
    "wbc": ("6.1", "10^9/L", "5.5", 17),
    "neut": ("2.1", "10^9/L", "1.5", "8.5"),
    "plat": (250, "10^9/L", 160, 500),
    "alt": (30, "U/L", 5, 50),
    "ast": (40, "U/L", 15, 70),
    "ggt": (20, "U/L", 5, 90),
    "bili": (8, "umol/L", 2, 19),
    "creat": (20, "umol/L", 10, 40),
    "alb": (40, "g/L", 32, 50),
}
LABORATORY: dict[str, Any] = {"lbdat": "2024-03-01", "lbnam": "Laboratory NL01"}
for _test, (_value, _unit, _lln, _uln) in TESTS.items():
    LABORATORY |= {_test: _value, f"{_test}_unit": _unit, f"{_test}_lln": _lln, f"{_test}_uln": _uln}


def enter(subject: Subject, by: User, crf: str, visit: str = "", **values: Any) -> FormRecord:
    """A saved form of this subject, at a visit or in its log."""
    at = subject.visits.get(code=visit) if visit else None
    record = forms.new_record(subject=subject, crf_code=crf, visit=at)
    return forms.save_form(record=record, values=values, by=by).record


def correct(record: FormRecord, by: User, **values: Any) -> None:
    forms.save_form(record=record, values=values, by=by, reason="Misread the chart")


def enter_ae(subject: Subject, by: User, **values: Any) -> FormRecord:
    return enter(subject, by, "adverse_event", **(AE | values))


def enter_sae(subject: Subject, by: User, **values: Any) -> FormRecord:
    return enter(subject, by, "serious_adverse_event", **(SAE | values))


def enter_laboratory(subject: Subject, by: User, visit: str = "", **values: Any) -> FormRecord:
    return enter(subject, by, "laboratory", visit, **(LABORATORY | values))


def start_infusion(subject: Subject, by: User, day: str = "2024-03-01") -> FormRecord:
    """The block is enough to say when blinatumomab started."""
    return enter(subject, by, "treatment_block", block="BLINATUMOMAB", ecstdat=day, econgo="Y", as_protocol="Y")


def asked(subject: Subject) -> set[str]:
    """Codes of the checks whose queries are open."""
    return set(Query.objects.filter(subject=subject, state="open").values_list("check_code", flat=True))


def query_of(subject: Subject, code: str) -> Query:
    return Query.objects.get(subject=subject, check_code=code, state="open")
