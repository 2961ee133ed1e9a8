"""What must be in place before the application starts, and that a start notices when it is not."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections

from trial import database
from trial.models import TableClass

ROLE = settings.DATABASES["default"]["USER"]


@pytest.mark.requirement("AT-06")
@pytest.mark.django_db
def test_a_migrated_database_is_safe_to_start_on() -> None:
    assert list(database.problems()) == []
    database.check_identity()


@pytest.mark.django_db
def test_every_table_has_a_class() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {table for (table,) in cursor.fetchall()}
    assert tables <= set(database.table_classes())


@pytest.mark.requirement("AT-06")
@pytest.mark.django_db
def test_rights_are_those_of_the_class() -> None:
    classes = database.table_classes()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, array_agg(p) FILTER (WHERE has_table_privilege(format('%I', tablename), p))"
            " FROM pg_tables, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p"
            " WHERE schemaname = 'public' GROUP BY 1"
        )
        rights = {table: set(held or ()) for table, held in cursor.fetchall()}
    assert rights == {table: set(classes[table].value.split(", ")) for table in rights}


@pytest.mark.requirement("AT-04")
def test_every_table_of_data_is_tracked_or_written_once_or_operational() -> None:
    tracked = set(database.tracked_models())
    clinical = [model for model in apps.get_models() if getattr(model, "table_class", None) is TableClass.CLINICAL]
    ours = [model for model in clinical if model._meta.app_label in {"trial", "patients", "safety", "mrd"}]
    assert [model.__name__ for model in ours if model not in tracked] == []


@pytest.mark.requirement("DE-06")
def test_every_crf_is_held_by_locks() -> None:
    locked = {model for model, function, _, _ in database.guards() if function == "cradle_refuse_locked"}
    assert locked >= set(database.crf_models()) | {apps.get_model("trial.FormRecord")}
    assert len(database.crf_models()) >= 20


def test_every_installed_table_without_a_class_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(database.THIRD_PARTY, "django_session")
    with pytest.raises(database.UnsafeDatabase, match="django_session has no class"):
        database.table_classes()


WEAKENED = {
    "history trigger off": (
        "DO $$ DECLARE t name := (SELECT tgname FROM pg_trigger WHERE tgrelid = 'trial_subject'::regclass"
        " AND tgname LIKE 'pgtrigger_update%');"
        " BEGIN EXECUTE format('ALTER TABLE trial_subject DISABLE TRIGGER %I', t); END $$",
        "trial_subject lacks its history triggers",
    ),
    "lock trigger gone": (
        "DROP TRIGGER cradle_refuse_locked ON patients_vitalsigns",
        "patients_vitalsigns lacks its trigger cradle_refuse_locked",
    ),
    "actor trigger off": (
        "ALTER TABLE trial_query DISABLE TRIGGER cradle_require_actor",
        "trial_query lacks its trigger cradle_require_actor",
    ),
    "history triggers as their caller": (
        "DO $$ DECLARE f text := (SELECT tgfoid::regprocedure FROM pg_trigger WHERE tgrelid = 'trial_site'::regclass"
        " AND tgname LIKE 'pgtrigger_insert%'); BEGIN EXECUTE 'ALTER FUNCTION ' || f || ' SECURITY INVOKER'; END $$",
        "trial_site lacks its history triggers",
    ),
    "history can be ignored": (
        "CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
        " LANGUAGE sql AS 'SELECT true'",
        "can switch history off",
    ),
    "history can be written": (f"GRANT UPDATE ON trial_subjecthistoryrow TO {ROLE}", "may UPDATE on trial_subjecthis"),
    "rows can be removed": ("GRANT DELETE ON trial_subject TO PUBLIC", "may DELETE on trial_subject"),
    "tables of its own": (f"GRANT CREATE ON SCHEMA public TO {ROLE}", "tables or schemas of its own"),
    "a table without a class": ("CREATE TABLE stray (id int); GRANT INSERT ON stray TO PUBLIC", "may INSERT on stray"),
}


@pytest.mark.requirement("AT-06")
def test_a_start_notices_what_is_not_in_place_and_a_migrate_puts_it_back(committed_db: None) -> None:
    with connections["owner"].cursor() as cursor:
        for statement, _ in WEAKENED.values():
            cursor.execute(statement)
    found = list(database.problems())
    missed = [what for what, (_, sentence) in WEAKENED.items() if not any(sentence in text for text in found)]
    assert missed == []
    with pytest.raises(database.UnsafeDatabase, match="not safe to start on"):
        database.check_identity()
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE stray")
    database.secure(connections["owner"])
    assert list(database.problems()) == []


@pytest.mark.requirement("AT-06")
def test_the_owner_cannot_run_the_application(committed_db: None) -> None:
    with pytest.raises(database.UnsafeDatabase, match="owns tables"):
        database.check_identity("owner")


def test_a_table_without_a_class_stops_the_migration(committed_db: None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE stray (id int)")
    with pytest.raises(database.UnsafeDatabase, match="Table stray has no class"):
        database.secure(connections["owner"])
    assert list(database.problems()) == []


def test_generated_days_survive_a_restore(committed_db: None) -> None:
    """A restore writes rows with an empty search path; the generated columns of partial dates must still be found."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', '', false), public.cradle_latest_day('2024-02')::text")
        assert cursor.fetchone()[1] == "2024-02-29"
        cursor.execute("RESET search_path")
