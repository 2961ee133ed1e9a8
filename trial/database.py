"""What PostgreSQL holds, not discipline: triggers, rights, and the proof at start that they are in place.

`secure` runs after every migrate, as the owner, so that a new CRF's table gets its guards and rights without anyone
thinking of it. `problems` lists what is not in place; `check_identity` stops a start that would not be safe.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

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
            classes[table] = TableClass.APPEND_ONLY
        elif declared := getattr(model, "table_class", None):
            classes[table] = declared
        elif table not in classes:
            raise UnsafeDatabase(f"Table {table} has no class: give {model.__name__} a `table_class`.")
    return classes


def tracked_models() -> list[type[models.Model]]:
    """Models whose every change leaves history."""
    return [model for model in apps.get_models() if hasattr(model, "pgh_event_model")]


def locked_models() -> list[type[models.Model]]:
    """Models whose rows a lock holds: the spine and every CRF."""
    return [model for model in apps.get_models() if issubclass(model, Crf) or model.__name__ == "FormRecord"]


def application_role() -> str:
    return settings.DATABASES["default"]["USER"]


def secure(connection: BaseDatabaseWrapper) -> None:
    """Put guards and rights in place, as the owner. Changes nothing where they are."""
    with connection.cursor() as cursor:
        for name in ("functions.sql", "guards.sql"):
            cursor.execute((SQL / name).read_text())
        for model in tracked_models():
            cursor.execute(_trigger(model, "cradle_require_actor", "BEFORE INSERT OR UPDATE OR DELETE", "STATEMENT"))
        for model in locked_models():
            cursor.execute(_trigger(model, "cradle_refuse_locked", "BEFORE INSERT OR UPDATE OR DELETE", "ROW"))
        cursor.execute(_trigger(apps.get_model("trial.Lock"), "cradle_lock_alone", "BEFORE INSERT", "ROW"))
        _grant(cursor, connection.settings_dict["NAME"])


def _trigger(model: type[models.Model], function: str, when: str, level: str) -> str:
    table = model._meta.db_table
    return f'CREATE OR REPLACE TRIGGER {function} {when} ON "{table}" FOR EACH {level} EXECUTE FUNCTION {function}()'


def _grant(cursor: Any, database: str) -> None:
    role = application_role()
    cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, "{role}"')
    cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    # A temporary table of the same name would stand before ours in every trigger's search path.
    cursor.execute(f'REVOKE TEMPORARY ON DATABASE "{database}" FROM PUBLIC, "{role}"')
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    classes = table_classes()
    for (table,) in cursor.fetchall():
        if table not in classes:
            raise UnsafeDatabase(f"Table {table} has no class: name it in trial.database.THIRD_PARTY.")
        cursor.execute(f'GRANT {classes[table].value} ON "{table}" TO "{role}"')
    cursor.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')


def seed(connection: BaseDatabaseWrapper) -> None:
    """The rows that every installation has: the built-in account of work without a person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM trial_user WHERE username = %s", [SYSTEM_USERNAME])
        if cursor.fetchone():
            return
        cursor.execute("SELECT nextval(pg_get_serial_sequence('trial_user', 'id'))")
        (pk,) = cursor.fetchone()
        cursor.execute("BEGIN")
        cursor.execute(
            "SELECT set_config('cradle.actor_id', %s, true), set_config('cradle.role', 'system', true)", [str(pk)]
        )
        cursor.execute(
            "INSERT INTO trial_user (id, username, full_name, email, is_active, password)"
            " VALUES (%s, %s, 'System', 'system@invalid', false, '!')",
            [pk, SYSTEM_USERNAME],
        )
        cursor.execute(
            "INSERT INTO trial_membership (user_id, role_code, starts_on) VALUES (%s, 'system', '2000-01-01')", [pk]
        )
        cursor.execute("COMMIT")


def check_identity(alias: str = "default") -> None:
    """Raise UnsafeDatabase if this process could rewrite history: superuser, owner, BYPASSRLS, or missing guards."""
    found = list(problems(alias))
    if found:
        raise UnsafeDatabase("The database is not safe to start on: " + " ".join(found))


def problems(alias: str = "default") -> Iterable[str]:
    """What is not in place, in sentences."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, is_super, bypasses = cursor.fetchone()
        if is_super or bypasses:
            yield f"The application's user {name} is a superuser or passes by row-level security; use one that is not."
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        if cursor.fetchone()[0]:
            yield f"The application's user {name} owns tables; run the application as another user than migrations."
        yield from _missing_guards(cursor)


def _missing_guards(cursor: Any) -> Iterable[str]:
    cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
    present: dict[str, list[str]] = {}
    for table, trigger in cursor.fetchall():
        present.setdefault(table.strip('"'), []).append(trigger)
    for model in tracked_models():
        triggers = present.get(model._meta.db_table, [])
        history = [trigger for trigger in triggers if trigger.startswith("pgtrigger_")]
        if "cradle_require_actor" not in triggers or len(history) < 3:
            yield f"Table {model._meta.db_table} lacks its history or actor trigger; run migrate."
    for model in locked_models():
        if "cradle_refuse_locked" not in present.get(model._meta.db_table, []):
            yield f"Table {model._meta.db_table} lacks its lock trigger; run migrate."
    cursor.execute("SELECT set_config('pgtrigger.ignore', '{probe}', true), _pgtrigger_should_ignore('probe')")
    if cursor.fetchone()[1]:
        yield "The application can switch history off (pgtrigger.ignore); run migrate."


def is_migrated(alias: str = "default") -> bool:
    """Whether the tables are there at all."""
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.trial_user') IS NOT NULL")
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return False
