"""The synthetic trial of the demo: migrated, imported and peopled once."""

from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from reports.demo.people import make_people
from reports.demo.signing import delegate_and_sign
from reports.demo.verifying import plan_and_verify
from reports.importing.loading import Progress, import_study
from trial.models import Subject, User

DATA = Path(__file__).parent / "data"


class NotADemo(Exception):
    """This database is not one for a demo; the message is a sentence."""


def migrate_if_needed() -> bool:
    """Migrate as the owner where something is not migrated. Returns whether it was."""
    executor = MigrationExecutor(connections["owner"])
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", verbosity=0)
    return True


def ensure(begin: Callable[[int], Progress] = lambda total: lambda done: None) -> bool:
    """Migrate and load trial, people and their signatures where they are not there; says whether the trial was new.

    begin: as of `import_study`. Raises NotADemo beside subjects that are not synthetic.
    """
    migrate_if_needed()
    if Subject.objects.filter(synthetic=False).exists():
        raise NotADemo(
            "There are subjects here that are not synthetic. Give the demo a folder of its own: CRADLE_HOME."
        )
    with transaction.atomic():
        is_new = not Subject.objects.exists()
        if is_new:
            import_study(DATA, by=User.objects.system(), synthetic=True, begin=begin)
        make_people()
        if is_new:
            plan_and_verify()
            delegate_and_sign()
    return is_new
