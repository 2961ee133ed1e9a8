"""Everything the application's own database role might try: each attempt is refused, or leaves its history."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from tests.people import make_user
from trial import database, history
from trial.actions import forms, subjects
from trial.history import item_changes
from trial.locks import NO_ACTOR, sqlstate
from trial.models import FormRecord, Site, Subject, User

pytestmark = pytest.mark.django_db

DENIED = "42501"
ROLE = settings.DATABASES["default"]["USER"]
OWNER = settings.DATABASES["owner"]["USER"]
TRACKED = database.tracked_models()
HISTORY_TABLES = sorted(history.history_model(model)._meta.db_table for model in TRACKED)
WRITTEN_ONCE = [*HISTORY_TABLES, "trial_lock", "trial_querymessage", "trial_accessevent"]
NEVER_REMOVED = sorted({model._meta.db_table for model in TRACKED})
GUARDS = [
    "cradle_require_actor", "cradle_refuse_locked", "cradle_lock_alone", "cradle_sign_row", "cradle_stamp_row",
    "cradle_keep_key", "cradle_at_its_site",
]  # fmt: skip


def refusal(sql: str, parameters: Any = None) -> str:
    """The SQLSTATE with which PostgreSQL refuses the statement; "" if it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
    except DatabaseError as error:
        return sqlstate(error) or str(error)
    return ""


def run(sql: str, parameters: Any = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def key_of(table: str) -> str:
    models_by_table = {
        model._meta.db_table: model for tracked in TRACKED for model in (tracked, history.history_model(tracked))
    }
    return str(models_by_table[table]._meta.pk.column)


# --- rows that are written once ----------------------------------------------------------------------------------


@pytest.mark.requirement("AT-06")
def test_these_tests_run_as_a_role_without_powers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (ROLE, False, False)
    assert ROLE != OWNER


REWRITES = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
    "SELECT 1 FROM {table} FOR UPDATE",
    "MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "DO $$ BEGIN DELETE FROM {table}; END $$",
    "GRANT ALL ON {table} TO {role}; DELETE FROM {table}",  # the grant alone is only warned about
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} OWNER TO {role}",
    "CREATE RULE quiet AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "DROP TABLE {table} CASCADE",
]


@pytest.mark.requirement("AT-06")
@pytest.mark.parametrize("table", WRITTEN_ONCE)
def test_rows_written_once_cannot_be_changed(table: str) -> None:
    column = key_of(table) if table in HISTORY_TABLES else "id"
    statements = [statement.format(table=table, column=column, role=ROLE) for statement in REWRITES]
    assert {statement: refusal(statement) for statement in statements} == dict.fromkeys(statements, DENIED)


@pytest.mark.requirement("AT-06")
@pytest.mark.parametrize("table", HISTORY_TABLES)
def test_history_cannot_be_forged(table: str) -> None:
    statements = [
        f"INSERT INTO {table} (pgh_label) VALUES ('insert')",
        f"INSERT INTO {table} (pgh_label) SELECT pgh_label FROM {table}",
        f"INSERT INTO {table} DEFAULT VALUES ON CONFLICT DO NOTHING",
        f"COPY {table} FROM STDIN",
    ]
    assert {statement: refusal(statement) for statement in statements} == dict.fromkeys(statements, DENIED)


@pytest.mark.requirement("DE-10")
@pytest.mark.parametrize("table", NEVER_REMOVED)
def test_clinical_rows_are_never_removed(table: str) -> None:
    assert refusal(f"DELETE FROM {table}") == DENIED
    assert refusal(f"TRUNCATE {table} CASCADE") == DENIED
    assert refusal(f"MERGE INTO {table} USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE") == DENIED


@pytest.mark.requirement("DE-10")
def test_the_orm_cannot_delete_either(subject: Subject, coordinator: User) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Subject.objects.filter(pk=subject.pk)._raw_delete("default")
    assert Subject.objects.filter(pk=subject.pk).exists()


# --- what guards them --------------------------------------------------------------------------------------------

SWITCHES = {
    "all triggers off": "ALTER TABLE trial_subject DISABLE TRIGGER ALL",
    "user triggers off": "ALTER TABLE trial_formrecord DISABLE TRIGGER USER",
    "row level security": "ALTER TABLE trial_subject DISABLE ROW LEVEL SECURITY",
    "a column without history": "ALTER TABLE trial_subject ADD COLUMN hidden text",
    "a default that lies": "ALTER TABLE trial_subjecthistoryrow ALTER COLUMN pgh_actor_id SET DEFAULT 1",
    "a constraint dropped": "ALTER TABLE trial_query DROP CONSTRAINT query_closed_pair",
    "an index dropped": "DROP INDEX query_open_once",
    "a rule": "CREATE RULE quiet AS ON UPDATE TO trial_subject DO INSTEAD NOTHING",
    "a trigger of its own": "CREATE TRIGGER late AFTER UPDATE ON trial_subject EXECUTE FUNCTION cradle_require_actor()",
    "a policy": "CREATE POLICY hide ON trial_subjecthistoryrow USING (false)",
    "a view": "CREATE VIEW public.clean AS SELECT * FROM trial_subjecthistoryrow",
    "a table": "CREATE TABLE public.trial_lock_2 (id int)",
    "a schema": "CREATE SCHEMA ahead",
    "a temporary shadow of the locks": "CREATE TEMP TABLE trial_lock (LIKE trial_lock)",
    "a temporary shadow of history": "CREATE TEMP TABLE trial_subjecthistoryrow (LIKE trial_subjecthistoryrow)",
    "a temporary shadow by select": "SELECT * INTO TEMP trial_lock FROM trial_lock",
    "a function": "CREATE FUNCTION public.now_then() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a temporary function": "CREATE FUNCTION pg_temp.cradle_role() RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
    "an operator": "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "an extension": "CREATE EXTENSION dblink",
    "an event trigger": "CREATE EVENT TRIGGER spy ON ddl_command_end EXECUTE FUNCTION cradle_require_actor()",
    "replication role": "SET session_replication_role = replica",
    "replication role for later": f"ALTER ROLE {ROLE} SET session_replication_role = replica",
    "replication role by set_config": "SELECT set_config('session_replication_role', 'replica', true)",
    "the owner's role": f"SET ROLE {OWNER}",
    "the owner's session": f"SET SESSION AUTHORIZATION {OWNER}",
    "the owner's membership": f"GRANT {OWNER} TO {ROLE}",
    "superuser": f"ALTER ROLE {ROLE} SUPERUSER",
    "bypassing": f"ALTER ROLE {ROLE} BYPASSRLS",
    "a new role": "CREATE ROLE other SUPERUSER",
    "the owner's password": f"ALTER ROLE {OWNER} PASSWORD 'known'",
    "what the owner has": f"REASSIGN OWNED BY {OWNER} TO {ROLE}",
    "default rights": f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT ALL ON TABLES TO {ROLE}",
    "rights on all tables": f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}; DELETE FROM trial_site",
    "the catalogue": "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'",
    "the catalogue's rights": "UPDATE pg_catalog.pg_class SET relacl = NULL",
    "a program": "COPY trial_site FROM PROGRAM 'echo'",
    "a file": "COPY trial_subjecthistoryrow TO '/tmp/history'",
    "a file of the server": "SELECT pg_read_file('postgresql.conf')",
    "a sequence set back": "SELECT setval(pg_get_serial_sequence('trial_lock', 'id'), 1)",
    "a sequence moved on": "SELECT nextval(pg_get_serial_sequence('trial_lock', 'id'))",
    "history moved elsewhere": "ALTER TABLE trial_subjecthistoryrow SET SCHEMA pg_temp",
    "the schema": "DROP SCHEMA public CASCADE",
    "migrations": "DELETE FROM django_migrations",
    "the shared context of history": "INSERT INTO pghistory_context (id) VALUES (gen_random_uuid())",
}


@pytest.mark.requirement("AT-06")
@pytest.mark.parametrize("statement", SWITCHES.values(), ids=SWITCHES.keys())
def test_nothing_that_guards_history_can_be_switched_off(statement: str) -> None:
    assert refusal(statement) == DENIED


@pytest.mark.requirement("AT-06")
@pytest.mark.parametrize("table", NEVER_REMOVED)
def test_no_trigger_of_a_tracked_table_can_be_touched(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgfoid::regproc::text FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table],
        )
        triggers = cursor.fetchall()
    assert len(triggers) >= 5
    for trigger, function in triggers:
        assert refusal(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"') == DENIED
        assert refusal(f'DROP TRIGGER "{trigger}" ON {table}') == DENIED
        assert refusal(f"DROP FUNCTION {function}() CASCADE") == DENIED
        assert refusal(f"ALTER FUNCTION {function}() SECURITY INVOKER") == DENIED


@pytest.mark.requirement("AT-06")
@pytest.mark.parametrize("function", GUARDS)
def test_guards_cannot_be_replaced(function: str) -> None:
    body = "LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
    assert refusal(f"CREATE OR REPLACE FUNCTION public.{function}() RETURNS trigger {body}") == DENIED
    assert refusal(f"ALTER FUNCTION {function}() RENAME TO gone") == DENIED
    assert refusal(f"ALTER FUNCTION {function}() SET search_path = pg_temp") == DENIED
    assert refusal(f"SELECT {function}()") in {"0A000", DENIED}  # trigger functions cannot be called


@pytest.mark.requirement("AT-06")
@pytest.mark.parametrize(
    "function",
    [
        "cradle_actor_id() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        "cradle_is_locked(record bigint, visit bigint, subject bigint, site bigint) RETURNS boolean"
        " LANGUAGE sql AS 'SELECT false'",
        "_pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "cradle_reason() RETURNS text LANGUAGE sql AS 'SELECT ''none'''",
    ],
    ids=lambda text: text.split("(")[0],
)
def test_functions_that_guards_ask_cannot_be_replaced(function: str) -> None:
    assert refusal(f"CREATE OR REPLACE FUNCTION public.{function}") == DENIED


# --- changes that are allowed leave their history -----------------------------------------------------------------


def temperatures(record: FormRecord) -> list[tuple[Any, str]]:
    changes = item_changes(record.spec.model, record.pk, ["temp"])
    return [(change.new, change.by) for change in changes]


def table_of(record: FormRecord) -> str:
    return record.spec.model._meta.db_table


def by_form(record: FormRecord, temp: Decimal, by: User) -> None:
    forms.save_form(record=record, values={"temp": temp}, by=by, reason="Entry error")


def by_update(record: FormRecord, temp: Decimal, by: User) -> None:
    with history.history(by=by, role="site-coordinator"):
        record.spec.model.objects.filter(pk=record.pk).update(temp=temp)


def by_bulk_update(record: FormRecord, temp: Decimal, by: User) -> None:
    row = record.answers()
    row.temp = temp
    with history.history(by=by, role="site-coordinator"):
        record.spec.model.objects.bulk_update([row], ["temp"])


def by_save(record: FormRecord, temp: Decimal, by: User) -> None:
    row = record.answers()
    row.temp = temp
    with history.history(by=by, role="site-coordinator"):
        row.save()


def by_raw_sql(record: FormRecord, temp: Decimal, by: User) -> None:
    with history.history(by=by, role="site-coordinator"):
        run(f"UPDATE {table_of(record)} SET temp = %s WHERE record_id = %s", [temp, record.pk])


def by_merge(record: FormRecord, temp: Decimal, by: User) -> None:
    with history.history(by=by, role="site-coordinator"):
        run(
            f"MERGE INTO {table_of(record)} t USING (SELECT %s::bigint AS id) s ON t.record_id = s.id"
            " WHEN MATCHED THEN UPDATE SET temp = %s",
            [record.pk, temp],
        )


def by_conflict(record: FormRecord, temp: Decimal, by: User) -> None:
    with history.history(by=by, role="site-coordinator"):
        run(
            f"INSERT INTO {table_of(record)} (record_id, site_id, missing) VALUES (%s, %s, '{{}}')"
            " ON CONFLICT (record_id) DO UPDATE SET temp = %s",
            [record.pk, record.site_id, temp],
        )


def by_code_block(record: FormRecord, temp: Decimal, by: User) -> None:
    with history.history(by=by, role="site-coordinator"):
        run(f"DO $$ BEGIN UPDATE {table_of(record)} SET temp = {temp} WHERE record_id = {record.pk}; END $$")


def with_triggers_ignored(record: FormRecord, temp: Decimal, by: User) -> None:
    names = "(SELECT string_agg(tgname, ',') FROM pg_trigger WHERE NOT tgisinternal)"
    with history.history(by=by, role="site-coordinator"):
        run(f"SELECT set_config('pgtrigger.ignore', '{{' || {names} || '}}', false)")
        run(f"UPDATE {table_of(record)} SET temp = %s WHERE record_id = %s", [temp, record.pk])
        run("RESET pgtrigger.ignore")


def with_constraints_deferred(record: FormRecord, temp: Decimal, by: User) -> None:
    with history.history(by=by, role="site-coordinator"):
        run("SET CONSTRAINTS ALL DEFERRED")
        run(f"UPDATE {table_of(record)} SET temp = %s WHERE record_id = %s", [temp, record.pk])


def with_another_search_path(record: FormRecord, temp: Decimal, by: User) -> None:
    with history.history(by=by, role="site-coordinator"):
        run("SET LOCAL search_path = pg_temp, pg_catalog")
        run(f"UPDATE public.{table_of(record)} SET temp = %s WHERE record_id = %s", [temp, record.pk])
        run("SET LOCAL search_path = public")


PATHS = [
    by_form, by_update, by_bulk_update, by_save, by_raw_sql, by_merge, by_conflict, by_code_block,
    with_triggers_ignored, with_constraints_deferred, with_another_search_path,
]  # fmt: skip


@pytest.mark.requirement("AT-04")
@pytest.mark.parametrize("change", PATHS, ids=lambda path: path.__name__)
def test_every_path_leaves_one_row_with_its_actor(
    change: Callable[[FormRecord, Decimal, User], None], vital_signs: FormRecord, coordinator: User, nl01: Site
) -> None:
    colleague = make_user("site-coordinator", nl01, "colleague")
    change(vital_signs, Decimal("38.5"), colleague)
    assert temperatures(vital_signs) == [
        (Decimal("37.2"), coordinator.full_name),
        (Decimal("38.5"), colleague.full_name),
    ]


@pytest.mark.requirement("AT-04")
def test_rows_that_come_by_copy_leave_history(nl01: Site, coordinator: User) -> None:
    with history.history(by=coordinator, role="site-coordinator"), connection.cursor() as cursor:
        columns = "number, site_id, state, synthetic, source, created_at"
        with cursor.copy(f"COPY trial_subject ({columns}) FROM STDIN") as copy:
            copy.write_row(("S900", nl01.pk, "screening", False, "", "2024-01-01T00:00:00Z"))
    row = history.history_model(Subject).objects.get(number="S900")
    assert (row.pgh_label, row.pgh_actor) == ("insert", coordinator)


# --- no actor, no change -----------------------------------------------------------------------------------------

ANONYMOUS = {
    "raw update": "UPDATE trial_subject SET synthetic = NOT synthetic",
    "raw update of nothing": "UPDATE trial_subject SET synthetic = true WHERE false",
    "raw insert": "INSERT INTO trial_site (number, name, country, time_zone, source) VALUES ('X', 'X', 'X', 'X', '')",
    "merge": "MERGE INTO trial_subject USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET synthetic = true",
    "a blank actor": "SELECT set_config('cradle.actor_id', '', true); UPDATE trial_subject SET synthetic = true",
    "a reset actor": "RESET cradle.actor_id; UPDATE trial_subject SET synthetic = true",
    "ignored triggers": "SET LOCAL pgtrigger.ignore = '{cradle_require_actor}';"
    " UPDATE trial_subject SET synthetic = true",
    "a lock": "INSERT INTO trial_lock (scope, locked, at, by_id, role, reason)"
    " SELECT 'study', true, now(), min(id), 'x', 'x' FROM trial_user",
}


@pytest.mark.requirement("AT-05")
@pytest.mark.parametrize("statement", ANONYMOUS.values(), ids=ANONYMOUS.keys())
def test_a_change_without_an_actor_is_refused(statement: str, subject: Subject) -> None:
    before = history.history_model(Subject).objects.count()
    assert refusal(statement) == NO_ACTOR
    subject.refresh_from_db()
    assert (subject.synthetic, history.history_model(Subject).objects.count()) == (False, before)


@pytest.mark.requirement("AT-05")
@pytest.mark.parametrize(
    "change",
    [
        lambda row: type(row).objects.filter(pk=row.pk).update(temp=40),
        lambda row: type(row).objects.bulk_update([row], ["temp"]),
        lambda row: row.save(),
        lambda row: type(row).objects.bulk_create([row], update_conflicts=True, unique_fields=["record"],
                                                  update_fields=["temp"]),
    ],
    ids=["update", "bulk_update", "save", "bulk_create"],
)  # fmt: skip
def test_the_orm_without_an_actor_is_refused(change: Callable[[models.Model], Any], vital_signs: FormRecord) -> None:
    row = vital_signs.answers()
    row.temp = 40
    with pytest.raises(DatabaseError, match="needs a known actor"), transaction.atomic():
        change(row)
    assert vital_signs.answers().temp == Decimal("37.2")


@pytest.mark.requirement("AT-05")
def test_after_a_save_nobody_speaks_any_more(vital_signs: FormRecord, coordinator: User) -> None:
    by_form(vital_signs, Decimal("38.0"), coordinator)
    assert refusal(f"UPDATE {table_of(vital_signs)} SET temp = 40") == NO_ACTOR


def test_an_actor_that_does_not_exist_is_refused(subject: Subject) -> None:
    statement = (
        "SELECT set_config('cradle.actor_id', '999999', true); UPDATE trial_subject SET synthetic = true;"
        " SET CONSTRAINTS ALL IMMEDIATE"
    )
    assert refusal(statement) == "23503"


@pytest.mark.parametrize("actor", ["nurse", "1; DROP TABLE trial_lock", "1.5"])
def test_an_actor_that_is_no_number_is_refused(actor: str, subject: Subject) -> None:
    statement = "SELECT set_config('cradle.actor_id', %s, true)"
    assert refusal(f"{statement}; UPDATE trial_subject SET synthetic = true".replace("%s", f"'{actor}'")) == "22P02"


def test_no_setting_of_a_session_puts_words_into_an_earlier_row(vital_signs: FormRecord, coordinator: User) -> None:
    """pghistory's own context is one shared row, which a later statement of the transaction would rewrite."""
    with history.history(by=coordinator, role="site-coordinator", reason="The first"):
        run(f"UPDATE {table_of(vital_signs)} SET temp = 38")
        with history.history(by=User.objects.system(), role="system", reason="The second"):
            run(f"UPDATE {table_of(vital_signs)} SET temp = 39")
        run(f"UPDATE {table_of(vital_signs)} SET temp = 40")
    rows = history.rows_of(vital_signs.spec.model, vital_signs.pk)[-3:]
    assert [(row.pgh_actor.username, row.pgh_role, row.pgh_reason) for row in rows] == [
        ("site-coordinator", "site-coordinator", "The first"),
        ("system", "system", "The second"),
        ("site-coordinator", "site-coordinator", "The first"),
    ]
    assert not hasattr(vital_signs.spec.model.pgh_event_model, "pgh_context")


def test_the_outer_actor_speaks_again_after_an_inner_failure(vital_signs: FormRecord, coordinator: User) -> None:
    with history.history(by=coordinator, role="site-coordinator", reason="Outer"):
        with (
            pytest.raises(DatabaseError),
            history.history(by=User.objects.system(), role="system", reason="Inner"),
        ):
            run("SELECT 1/0")
        run(f"UPDATE {table_of(vital_signs)} SET temp = 38")
    row = history.rows_of(vital_signs.spec.model, vital_signs.pk)[-1]
    assert (row.pgh_actor, row.pgh_reason) == (coordinator, "Outer")


# --- rows stay what they are ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", TRACKED, ids=lambda model: model._meta.model_name)
def test_the_key_of_a_row_never_changes(model: Any, vital_signs: FormRecord, coordinator: User) -> None:
    """Another key would cut a row off from its history."""
    table, key = model._meta.db_table, model._meta.pk.column
    with history.history(by=coordinator, role="site-coordinator"):
        state = refusal(f"UPDATE {table} SET {key} = {key} + 1000000")
    assert state in ({"CR003", "CR004"} if model.objects.exists() else {""})


@pytest.mark.requirement("AC-03")
@pytest.mark.parametrize("table", ["trial_formrecord", "trial_visit", "patients_vitalsigns"])
def test_a_row_cannot_pretend_to_be_of_another_site(
    table: str, vital_signs: FormRecord, it02: Site, coordinator: User
) -> None:
    with history.history(by=coordinator, role="site-coordinator"):
        assert refusal(f"UPDATE {table} SET site_id = %s", [it02.pk]) == "CR004"


def test_a_form_cannot_stand_at_the_visit_of_another_subject(
    vital_signs: FormRecord, nl01: Site, coordinator: User
) -> None:
    other = subjects.screen_subject(site=nl01, by=coordinator)
    with history.history(by=coordinator, role="site-coordinator"):
        visit = "SELECT id FROM trial_visit WHERE subject_id = %s AND code = 'day_8'"
        statement = f"UPDATE trial_formrecord SET visit_id = ({visit})"
        assert refusal(statement, [other.pk]) == "CR004"
        assert refusal(statement, [vital_signs.subject_id]) == ""


@pytest.mark.requirement("AT-06")
def test_what_is_written_once_is_not_written_in_anothers_name(
    vital_signs: FormRecord, coordinator: User, data_manager: User
) -> None:
    lock = (
        "INSERT INTO trial_lock (scope, locked, at, by_id, role, reason)"
        " VALUES ('study', true, '2001-01-01', %s, 'data-manager', 'Forged')"
    )
    with history.history(by=coordinator, role="site-coordinator"):
        assert refusal(lock, [data_manager.pk]) == "CR006"
        assert refusal(lock, [coordinator.pk]) == ""
        with connection.cursor() as cursor:
            cursor.execute("SELECT at > now() - interval '1 minute' FROM trial_lock")
            assert cursor.fetchone() == (True,)


@pytest.mark.requirement("AT-05")
def test_copy_without_an_actor_is_refused(nl01: Site) -> None:
    rows = "COPY trial_subject (number, site_id) FROM STDIN"
    refused = pytest.raises(psycopg.DatabaseError, match="needs a known actor")
    with refused, transaction.atomic(), connection.cursor() as cursor, cursor.copy(rows) as copy:
        copy.write_row(("S900", nl01.pk))
    assert not Subject.objects.exists()
