"""What PostgreSQL holds, not discipline: triggers, rights, and the proof at start that they are in place.

`secure` runs after every migrate, as the owner, so that a new CRF's table gets its guards and rights without anyone
thinking of it. `problems` lists what is not in place; `check_identity` stops a start that would not be safe.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from trial import as_of
from trial.history import SYSTEM_USERNAME, HistoryRow
from trial.models.base import Crf, TableClass

SQL = Path(__file__).parent / "sql"

# Tables that are not ours, by what the application may do to them.
THIRD_PARTY = {
    "django_session": TableClass.OPERATIONAL,
    "authtoken_token": TableClass.OPERATIONAL,
    "axes_accessattempt": TableClass.OPERATIONAL,
    "axes_accessattemptexpiration": TableClass.OPERATIONAL,
    "axes_accessfailurelog": TableClass.APPEND_ONLY,
    "axes_accesslog": TableClass.OPERATIONAL,
    "auth_group": TableClass.REFERENCE,
    "auth_group_permissions": TableClass.REFERENCE,
    "auth_permission": TableClass.REFERENCE,
    "django_content_type": TableClass.REFERENCE,
    "django_migrations": TableClass.REFERENCE,
    "pghistory_context": TableClass.REFERENCE,
}


# Tables whose rows name their site, which must be that of the subject.
SITED = ("trial.Visit", "trial.FormRecord", "trial.Query", "trial.Signature", "trial.SignedForm")
# Tables that are written once, each row by its actor.
SIGNED_BY_ACTOR = (
    "trial.Lock",
    "trial.QueryMessage",
    "trial.Signature",
    "trial.SignatureVoid",
    "trial.SignatureAcknowledgement",
    "trial.ReviewMark",
    "trial.AuditReview",
    "trial.AccessReview",
    "trial.Prompt",
    "trial.CheckRetirement",
)


class UnsafeDatabase(Exception):
    """The database would not hold what it has to; the message says what is wrong and what to do."""


def table_classes() -> dict[str, TableClass]:
    """Every table of an installed model and its class. Raises UnsafeDatabase for a table without one."""
    classes = dict(THIRD_PARTY)
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        table = model._meta.db_table
        if issubclass(model, HistoryRow):
            # Rows come from the history triggers alone, which run as the owner: none can be forged.
            classes[table] = TableClass.REFERENCE
        elif declared := getattr(model, "table_class", None):
            classes[table] = declared
        elif table not in classes:
            raise UnsafeDatabase(f"Table {table} has no class: give {model.__name__} a `table_class`.")
    return classes


def tracked_models() -> list[type[models.Model]]:
    """Models whose every change leaves history."""
    return [model for model in apps.get_models() if hasattr(model, "pgh_event_model")]


def locked_models() -> list[type[models.Model]]:
    """Models whose rows a lock holds: subjects, their visits, the spine and every CRF."""
    spine = [apps.get_model(name) for name in ("trial.Subject", "trial.Visit", "trial.FormRecord")]
    return spine + crf_models()


def crf_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if issubclass(model, Crf)]


def guards() -> Iterable[tuple[type[models.Model], str, str, str]]:
    """(model, trigger function, when, level) of every guard that must be in place."""
    writes = "BEFORE INSERT OR UPDATE OR DELETE"
    for model in tracked_models():
        yield model, "cradle_require_actor", writes, "STATEMENT"
        yield model, "cradle_keep_key", *_when_key_changes(model)
    for model in locked_models():
        yield model, "cradle_refuse_locked", writes, "ROW"
    for model in [apps.get_model(name) for name in SITED] + crf_models():
        yield model, "cradle_at_its_site", "BEFORE INSERT OR UPDATE", "ROW"
    for model in crf_models():
        yield model, "cradle_values_changed", "AFTER UPDATE", "ROW"
    yield apps.get_model("trial.FormRecord"), "cradle_form_moved", "AFTER UPDATE", "ROW"
    for name in SIGNED_BY_ACTOR:
        yield apps.get_model(name), "cradle_sign_row", "BEFORE INSERT", "ROW"
    for model in [apps.get_model(name) for name in as_of.WRITTEN_ONCE]:
        yield model, "cradle_name_changeset", "BEFORE INSERT", "ROW"
    yield apps.get_model("trial.SignedForm"), "cradle_signed_at_once", "BEFORE INSERT", "ROW"
    yield apps.get_model("trial.AccessEvent"), "cradle_stamp_row", "BEFORE INSERT", "ROW"
    yield apps.get_model("trial.Lock"), "cradle_lock_alone", "BEFORE INSERT", "ROW"
    yield apps.get_model("trial.Query"), "cradle_query_stays", "BEFORE UPDATE", "ROW"


def _when_key_changes(model: type[models.Model]) -> tuple[str, str]:
    key = model._meta.pk.column
    return f'BEFORE UPDATE OF "{key}"', f'ROW WHEN (OLD."{key}" IS DISTINCT FROM NEW."{key}")'


def application_role() -> str:
    return settings.DATABASES["default"]["USER"]


def secure(connection: BaseDatabaseWrapper) -> None:
    """Put guards and rights in place, as the owner, all at once. Changes nothing where they are."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for name in ("functions.sql", "guards.sql"):
            cursor.execute((SQL / name).read_text())
        for model, function, when, level in guards():
            cursor.execute(
                f'CREATE OR REPLACE TRIGGER {function} {when} ON "{model._meta.db_table}"'
                f" FOR EACH {level} EXECUTE FUNCTION {function}()"
            )
        as_of.make_views(cursor, connection, application_role())
        _switch_on(cursor)
        _let_history_write_as_owner(cursor)
        _grant(cursor, connection.settings_dict["NAME"])


def _switch_on(cursor: Any) -> None:
    cursor.execute(
        "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled <> 'O' AND (tgname LIKE 'pgtrigger_%' OR tgname LIKE 'cradle_%')"
    )
    for table, trigger in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def _let_history_write_as_owner(cursor: Any) -> None:
    """The application may not write history; the triggers that do run as the owner, whatever the session's settings."""
    cursor.execute(
        "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgname LIKE 'pgtrigger_%'"
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SECURITY DEFINER SET search_path = public, pg_temp")
    cursor.execute("REVOKE EXECUTE ON FUNCTION cradle_lock_alone(), cradle_sign_row() FROM PUBLIC")


def _grant(cursor: Any, database: str) -> None:
    role = application_role()
    cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, "{role}"')
    # Identity columns need no right on their sequence; a right on it would let the application set it.
    cursor.execute(f'REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, "{role}"')
    cursor.execute(f'REVOKE CREATE ON SCHEMA public FROM PUBLIC, "{role}"')
    cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    # A temporary table or a schema of its own could stand before ours in a search path.
    cursor.execute(f'REVOKE TEMPORARY, CREATE ON DATABASE "{database}" FROM PUBLIC, "{role}"')
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    classes = table_classes()
    for (table,) in cursor.fetchall():
        if table not in classes:
            raise UnsafeDatabase(f"Table {table} has no class: name it in trial.database.THIRD_PARTY.")
        cursor.execute(f'GRANT {classes[table].value} ON "{table}" TO "{role}"')


def seed(connection: BaseDatabaseWrapper) -> None:
    """The rows that every installation has: the built-in account of work without a person."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM trial_user WHERE username = %s", [SYSTEM_USERNAME])
        if cursor.fetchone():
            return
        cursor.execute("SELECT nextval(pg_get_serial_sequence('trial_user', 'id'))")
        (pk,) = cursor.fetchone()
        cursor.execute(
            "SELECT set_config('cradle.actor_id', %s, true), set_config('cradle.role', 'system', true)", [str(pk)]
        )
        cursor.execute(
            "INSERT INTO trial_user (id, username, full_name, email, is_active, must_set_password, password)"
            " VALUES (%s, %s, 'System', 'system@invalid', false, false, '!')",
            [pk, SYSTEM_USERNAME],
        )
        cursor.execute(
            "INSERT INTO trial_membership (user_id, role_code, starts_on) VALUES (%s, 'system', '2000-01-01')", [pk]
        )


def check_identity(alias: str = "default") -> None:
    """Raise UnsafeDatabase if this process could rewrite history: superuser, owner, BYPASSRLS, or missing guards."""
    found = list(problems(alias))
    if found:
        raise UnsafeDatabase("The database is not safe to start on: " + " ".join(found))


def problems(alias: str = "default") -> Iterable[str]:
    """What is not in place, in sentences."""
    with connections[alias].cursor() as cursor:
        yield from _dangerous_identity(cursor)
        yield from _missing_guards(cursor)
        yield from _excess_rights(cursor)


def _dangerous_identity(cursor: Any) -> Iterable[str]:
    cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    name, is_super, bypasses = cursor.fetchone()
    if is_super or bypasses:
        yield f"The application's user {name} is a superuser or passes by row-level security; use one that is not."
    cursor.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')"
    )
    if not is_super and cursor.fetchone()[0]:
        yield f"The application's user {name} owns tables; run the application as another user than migrations."


def _missing_guards(cursor: Any) -> Iterable[str]:
    cursor.execute(
        "SELECT tgrelid::regclass::text, tgname, prosecdef AND proconfig IS NOT NULL"
        " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND tgenabled = 'O'"
    )
    present: dict[str, dict[str, bool]] = {}
    for table, trigger, as_owner in cursor.fetchall():
        present.setdefault(table.strip('"'), {})[trigger] = as_owner
    for model in tracked_models():
        triggers = present.get(model._meta.db_table, {})
        history = [as_owner for trigger, as_owner in triggers.items() if trigger.startswith("pgtrigger_")]
        if len(history) < 3 or not all(history):
            yield f"Table {model._meta.db_table} lacks its history triggers; run migrate."
    if "cradle_note_commit" not in present.get("trial_changeset", {}):
        yield "Table trial_changeset lacks its trigger cradle_note_commit; run migrate."
    for model, function, _, _ in guards():
        if function not in present.get(model._meta.db_table, {}):
            yield f"Table {model._meta.db_table} lacks its trigger {function}; run migrate."
    cursor.execute("SELECT set_config('pgtrigger.ignore', '{probe}', true), _pgtrigger_should_ignore('probe')")
    if cursor.fetchone()[1]:
        yield "The application can switch history off (pgtrigger.ignore); run migrate."


def _excess_rights(cursor: Any) -> Iterable[str]:
    """Rights that the application has beyond the class of a table, or beyond all tables."""
    cursor.execute(
        "SELECT tablename, privilege FROM pg_tables,"
        " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) privilege"
        " WHERE schemaname = 'public' AND has_table_privilege(format('%I.%I', schemaname, tablename), privilege)"
    )
    classes = table_classes()
    for table, privilege in cursor.fetchall():
        if table not in classes or privilege not in classes[table].value.split(", "):
            yield f"The application may {privilege} on {table}, which it must not; run migrate."
    cursor.execute(
        "SELECT has_database_privilege(current_database(), 'TEMPORARY'),"
        " has_database_privilege(current_database(), 'CREATE'), has_schema_privilege('public', 'CREATE')"
    )
    if any(cursor.fetchone()):
        yield "The application can make tables or schemas of its own; run migrate as the owner of the database."


def is_migrated(alias: str = "default") -> bool:
    """Whether the tables are there at all."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.trial_user') IS NOT NULL")
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return False
