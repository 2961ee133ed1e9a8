from django.db import models

from trial.models.base import TableClass


class Changeset(models.Model):
    """One transaction that changed tracked rows, and when it became visible to everybody else.

    Every history row names its changeset; PostgreSQL writes both (trial/sql). What stood at a moment is what had been
    committed by then, not what had been typed by then.
    """

    table_class = TableClass.REFERENCE

    xid = models.BigIntegerField()
    began_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"Changeset {self.pk}"
