"""How the audit trail says what changed: people by name, forms by title, codes and columns in the field's words.

History rows hold keys. `with_names` lets PostgreSQL look the names up as it reads a row, so that a page of the trail
needs no statement of its own for them, and a deactivated person has a name too.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import models

from trial import listing, missing, protocol, roles
from trial.crf import registry
from trial.subject_forms import typed

NAMES = "pgh_named"  # where the names of a row's keys stand: column -> name
_NAME_OF = {
    "trial.User": "(SELECT u.full_name FROM trial_user u WHERE u.id = {key})",
    "trial.Site": "(SELECT s.number FROM trial_site s WHERE s.id = {key})",
    "trial.Visit": "(SELECT v.code FROM trial_visit v WHERE v.id = {key})",
    "trial.FormRecord": (
        "(SELECT jsonb_build_object('crf', f.crf_code, 'sequence', f.sequence, 'visit', v.code)"
        " FROM trial_formrecord f LEFT JOIN trial_visit v ON v.id = f.visit_id WHERE f.id = {key})"
    ),
}

# (table, item) -> label, where the column's own name is not the field's word.
LABELS = {
    ("trial_subject", "number"): "Subject number",
    ("trial_subject", "state"): "State of the subject",
    ("trial_subject", "entered_on"): "Study entry",
    ("trial_visit", "code"): "Visit",
    ("trial_visit", "position"): "Place in the schedule",
    ("trial_visit", "target"): "Target date",
    ("trial_visit", "opens"): "Window opens",
    ("trial_visit", "closes"): "Window closes",
    ("trial_formrecord", "crf_code"): "Form",
    ("trial_formrecord", "sequence"): "Number of the form",
    ("trial_formrecord", "state"): "State of the form",
    ("trial_formrecord", "deleted_at"): "Form deleted at",
    ("trial_formrecord", "deleted_reason"): "Why the form was deleted",
    ("trial_formrecord", "source_id"): "Number in the source",
    ("trial_formrecord", "source_file"): "File of the source",
    ("trial_query", "crf_code"): "Query on the form",
    ("trial_query", "item"): "Query on the item",
    ("trial_query", "check_code"): "Query by the edit check",
    ("trial_query", "text"): "Text of the query",
    ("trial_query", "state"): "State of the query",
    ("trial_query", "confirmed"): "Query closed as confirmed",
    ("trial_query", "opened_at"): "Query asked at",
    ("trial_query", "opened_by"): "Query asked by",
    ("trial_query", "opened_role"): "Query asked as",
    ("trial_query", "answered_at"): "Query answered at",
    ("trial_query", "reopened"): "Query asked again, times",
    ("trial_query", "closed_at"): "Query closed at",
    ("trial_query", "closed_by"): "Query closed by",
    ("trial_site", "number"): "Site number",
    ("trial_user", "username"): "User name",
    ("trial_user", "email"): "E-mail",
    ("trial_user", "is_active"): "Active",
    ("trial_user", "must_set_password"): "Has to set a password",
    ("trial_verificationplan", "extent"): "Items to verify",
}
# The same in every table.
COMMON = {"role_code": "Role", "user": "Person", "starts_on": "From", "ends_on": "Until", "full_name": "Full name"}
# Tables of people: what a row is, before the name of the person or the number of the site.
PEOPLE = {
    "trial_user": "Account of {full_name}",
    "trial_membership": "Role of {user_id}",
    "trial_delegation": "Delegation to {user_id}",
    "trial_invitation": "Invitation of {user_id}",
    "trial_training": "Training of {user_id}",
    "trial_site": "Site {number}",
}


def with_names(row: str, columns: Mapping[str, models.Field]) -> str:
    """SQL of a history row as JSON, with the names of what its keys point to. row: the row's alias."""
    named = [
        f"'{column}', {_NAME_OF[field.related_model._meta.label].format(key=f'{row}.{column}')}"
        for column, field in columns.items()
        if field.is_relation and field.related_model is not None and not isinstance(field.related_model, str)
    ]
    told = f" || jsonb_build_object('{NAMES}', jsonb_build_object({', '.join(named)}))" if named else ""
    return f"(to_jsonb({row}){told})"


def form(model: Any, code: str | None, row: Mapping[str, Any]) -> str:
    """What the row belongs to: the form's title, the visit, whose account or role."""
    table = model._meta.db_table
    if code:
        return registry.get(code).title
    if table == "trial_visit":
        return f"Visit {_visit(row['code'])}"
    names = {column: name or "" for column, name in (row.get(NAMES) or {}).items()}
    return PEOPLE.get(table, str(model._meta.verbose_name).capitalize()).format_map({**row, **names})


def label(table: str, crf: str, column: models.Field) -> str:
    """What is asked, or the column, in the field's words."""
    if crf and registry.get(crf).has_item(column.name):
        return registry.get(crf).item(column.name).label
    said = LABELS.get((table, column.name)) or COMMON.get(column.name)
    return said or str(column.verbose_name).capitalize()


def value(table: str, column: models.Field, row: Mapping[str, Any]) -> str:
    """A value as it is read; of an item without one, why there is none. Moments are in UTC."""
    stored = row.get(str(column.column))
    code = (row.get("missing") or {}).get(column.name) if stored is None else None
    if code:
        return missing.show(code)
    if stored is None:
        return ""
    if column.is_relation:
        return _linked((row.get(NAMES) or {}).get(str(column.column)))
    if isinstance(stored, bool):
        return "yes" if stored else "no"
    return _code(table, column.name, stored, row) or _shown(column, stored)


def _shown(column: models.Field, stored: Any) -> str:
    said = listing.shown(column, typed(column, stored), "UTC")
    if column.choices and said == stored:
        return said.replace("_", " ")
    return f"{said} UTC" if isinstance(column, models.DateTimeField) else said


def _linked(name: Any) -> str:
    """A person or a site as named; a form by its title, with its visit or number."""
    if isinstance(name, dict):
        place = _visit(name["visit"]) if name["visit"] else f"No. {name['sequence']}"
        return f"{registry.get(name['crf']).title}, {place}"
    return name or ""


def _code(table: str, item: str, stored: Any, row: Mapping[str, Any]) -> str:
    """Codes that no column has a list of; empty for what is none."""
    if item == "crf_code" and registry.find(stored):
        return registry.get(stored).title
    if item in {"role_code", "opened_role"}:
        return role(stored)
    if (table, item) == ("trial_visit", "code"):
        return _visit(stored)
    spec = registry.find(row["crf_code"]) if (table, item) == ("trial_query", "item") else None
    return spec.item(stored).label if spec and spec.has_item(stored) else ""


def _visit(code: str) -> str:
    """A visit's label; of one that the protocol has no more, its code."""
    known = {visit.code: visit.label for visit in protocol.get().schedule}
    return known.get(code, code)


@cache
def role(code: str) -> str:
    """A role's name; of one that is no more, its code."""
    known = {each.code: each.name for each in roles.all_roles()}
    return known.get(code, code)
