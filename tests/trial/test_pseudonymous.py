"""Subjects are known by their number alone: nothing asks who they are, and what is typed all the same is noticed."""

import re

import pytest
from django.apps import apps

from tests.trial.pages import browser, seen, words
from trial import actions, identifiers
from trial.actions.queries import QueryTextNeeded
from trial.crf import check_list, registry
from trial.crf.spec import CrfSpec
from trial.models import FormRecord, Query, Subject, User

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DP-01")]

# Names of columns and labels of items that would ask who somebody is.
IDENTIFYING = re.compile(
    r"(?i)(?:^|[^a-z])(?:(?:first|last|sur|full|family|given|maiden|patient|child|mother|father)[ _']*s?[ _]?name"
    r"|initials|mrn|hospital[ _](?:no|number|id)|(?:medical|hospital)[ _]record|insurance|passport"
    r"|(?:home|street)[ _]address|street|telephone|phone|e-?mail|postal|zip|photo(?:graph)?)(?:$|[^a-z])"
)
ABOUT_SUBJECTS = ("patients", "safety", "mrd")
NOT_OF_A_SUBJECT = {"User", "Invitation", "Signature", "Site"}  # the people who work on the trial, and its hospitals


@pytest.mark.parametrize(
    ("text", "asks"),
    [("Initials", True), ("patient_name", True), ("Hospital number", True), ("surname", True), ("mrn", True),
     ("E-mail", True), ("lbnam", False), ("Laboratory", False), ("Number of doses", False), ("aeterm", False)],
)  # fmt: skip
def test_the_words_looked_for_are_found(text: str, asks: bool) -> None:
    assert bool(IDENTIFYING.search(text)) == asks


@pytest.mark.parametrize("spec", list(registry.all_specs()), ids=lambda spec: spec.code)
def test_no_form_asks_who_the_subject_is(spec: CrfSpec) -> None:
    asked = [(item.name, item.label) for item in spec.items]
    assert [pair for pair in asked if any(IDENTIFYING.search(text) for text in pair)] == []


def test_no_table_about_subjects_has_a_column_for_it() -> None:
    of_subjects = [
        model
        for model in apps.get_models()
        if model._meta.app_label in (*ABOUT_SUBJECTS, "trial")
        and not any(model.__name__.startswith(name) for name in NOT_OF_A_SUBJECT)
        and model.__module__.split(".")[0] != "django"
    ]
    assert Subject in of_subjects
    assert FormRecord in of_subjects
    columns = [(model.__name__, field.name) for model in of_subjects for field in model._meta.get_fields()]
    assert [pair for pair in columns if IDENTIFYING.search(pair[1])] == []


def test_free_text_is_what_no_code_list_or_dictionary_limits() -> None:
    free = {
        (spec.code, item.name) for spec in registry.all_specs() for item in spec.items if spec.is_free_text(item.name)
    }
    assert {("serious_adverse_event", "narrative"), ("deviation", "dvterm"), ("interruption", "intnote")} <= free
    limited = {("adverse_event", "aeterm"), ("consent", "icver"), ("consent", "ickind"), ("concomitant", "cmstdat")}
    assert not limited & free
    assert check_list.sentence("deviation.dvterm.identifying").endswith("could identify a person.")
    assert check_list.sentence("adverse_event.aeterm.identifying") == ""


def test_a_name_in_free_text_is_asked_about_and_the_query_does_not_repeat_it(
    subject: Subject, coordinator: User
) -> None:
    record = actions.new_record(subject=subject, crf_code="deviation")
    actions.save_form(record=record, values={"dvterm": "Given to J.D. (MRN 12345) on the wrong day"}, by=coordinator)
    query = Query.objects.get(check_code="deviation.dvterm.identifying")
    assert query.text == (
        "What was done instead seems to hold initials and a hospital number. Take out what could identify a person."
    )
    record = FormRecord.objects.get(pk=record.pk)
    actions.save_form(record=record, values={"dvterm": "Given a day late"}, by=coordinator, reason="Identified a child")
    query.refresh_from_db()
    assert query.state == "closed"


def test_an_imported_row_is_asked_about_too(subject: Subject) -> None:
    source = actions.Source("csv", "1", "deviations.csv", 2, "0" * 64)
    record = actions.new_record(subject=subject, crf_code="deviation")
    actions.save_form(record=record, values={"dvterm": "name: Invented"}, by=User.objects.system(), source=source)
    assert Query.objects.filter(check_code="deviation.dvterm.identifying", state="open").exists()


def test_the_reason_of_a_missing_answer_is_read_as_well(subject: Subject, coordinator: User) -> None:
    record = actions.new_record(subject=subject, crf_code="deviation")
    codes = {"dvstdat": {"code": "UNK", "reason": "ask at ward@hospital.invalid"}}
    actions.save_form(record=record, values={}, missing_codes=codes, by=coordinator)
    assert Query.objects.filter(check_code="deviation.dvstdat.identifying").count() == 1


def test_the_page_warns_before_it_saves(subject: Subject, coordinator: User) -> None:
    person, url = browser(coordinator), f"/subjects/{subject.number}/forms/deviation/new/"
    answer = person.post(url, {"version": "0", "dvterm": "The mother, Mrs Invented, called"})
    assert "What was done instead seems to hold a name." in words(answer)
    assert "deviation.dvterm.identifying" in seen(answer)
    assert not FormRecord.objects.filter(subject=subject, crf_code="deviation").exists()


@pytest.mark.parametrize("text", ["Is this J.D.?", "Call +31 20 555 0123 about it"])
def test_a_query_or_an_answer_that_names_somebody_is_refused(
    vital_signs: FormRecord, data_manager: User, coordinator: User, text: str
) -> None:
    [found] = identifiers.found(text)
    with pytest.raises(QueryTextNeeded) as refused:
        actions.open_query(target=vital_signs, item="temp", text=text, by=data_manager)
    assert str(refused.value) == (
        f"The text may identify a person: “{found.text}” ({found.kind}). Say it without, by the subject's number."
    )
    query = actions.open_query(target=vital_signs, item="temp", text="Is this right?", by=data_manager)
    for refuse in (actions.answer_query, actions.reopen_query, actions.close_query, actions.cancel_query):
        by = coordinator if refuse is actions.answer_query else data_manager
        with pytest.raises(QueryTextNeeded, match="may identify a person"):
            refuse(query=query, by=by, text=text)
    actions.answer_query(query=query, by=coordinator, text="G-CSF 5 mcg/kg was given on 2024-01-03")


def test_the_page_of_a_query_says_why_it_is_refused(vital_signs: FormRecord, data_manager: User) -> None:
    person = browser(data_manager)
    answer = person.post(f"/forms/{vital_signs.pk}/ask/", {"item": "temp", "text": "Is this J.D.?"})
    assert answer.status_code == 422
    assert "may identify a person: “J.D.” (initials)" in words(answer)
    assert not Query.objects.exists()
