from django.db import models
from django.db.models import Q

from trial.models.base import TableClass


class SavedFilter(models.Model):
    """The filters of a list as one person keeps them, under a name. No clinical data: nobody else sees it.

    page: the list's address by name, `queries`, or with what it is of, `work-list:forms-due`. query: what stands after
    the `?` of that address.
    """

    table_class = TableClass.OPERATIONAL

    user = models.ForeignKey("trial.User", on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=120)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(name="saved_filter_named_once", fields=["user", "page", "name"]),
            models.CheckConstraint(name="saved_filter_named", condition=~Q(name="") & ~Q(page="") & ~Q(query="")),
        ]

    def __str__(self) -> str:
        return self.name
