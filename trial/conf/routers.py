"""Which database identity does what."""

from typing import Any


class OwnerMigrates:
    """Migrations run as the owner, and nothing else does: rows are read and written as the application."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"

    def allow_relation(self, obj1: Any, obj2: Any, **hints: Any) -> bool:
        return True
