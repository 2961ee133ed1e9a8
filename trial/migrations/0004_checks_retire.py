import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trial", "0003_queries_name_their_form")]

    operations = [
        migrations.CreateModel(
            name="CheckRetirement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("check_code", models.CharField(max_length=120)),
                ("retired", models.BooleanField()),
                ("reason", models.TextField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("role", models.CharField(max_length=40)),
                (
                    "changeset",
                    models.BigIntegerField(
                        db_default=models.Func(function="cradle_changeset", output_field=models.BigIntegerField()),
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["check_code", "-id"], name="check_retirement_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("check_code", ""), _negated=True), name="check_retirement_names_its_check"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="check_retirement_says_why"
                    ),
                ],
            },
        ),
    ]
