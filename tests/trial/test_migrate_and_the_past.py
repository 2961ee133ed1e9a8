"""Views of the past stand on columns, which PostgreSQL would not let a migration change; so they make way for it."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.models.signals import pre_migrate


def change_columns(**_: Any) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE trial_reviewmark ADD COLUMN made_way int")
        cursor.execute("ALTER TABLE trial_lock ALTER COLUMN reason TYPE varchar(4000)")


@pytest.mark.usefixtures("committed_db")
def test_a_migration_may_change_a_column_that_pages_of_the_past_show() -> None:
    last = list(apps.get_app_configs())[-1]
    pre_migrate.connect(change_columns, sender=last)
    try:
        call_command("migrate", database="owner", verbosity=0)
    finally:
        pre_migrate.disconnect(change_columns, sender=last)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'as_of'"
            " AND (table_name, column_name) IN (('trial_reviewmark', 'made_way'), ('trial_lock', 'reason'))"
        )
        assert cursor.fetchone() == (2,)
