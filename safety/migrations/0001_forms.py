import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import safety.crfs.events


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("trial", "0001_spine"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AdverseEvent",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="trial.formrecord",
                    ),
                ),
                ("missing", models.JSONField(blank=True, default=dict)),
                (
                    "aeterm",
                    models.CharField(
                        blank=True, max_length=200, null=True, validators=[safety.crfs.events.is_ctcae_term]
                    ),
                ),
                ("aespec", models.CharField(blank=True, max_length=200, null=True)),
                (
                    "aetoxgr",
                    models.IntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("aestdat", models.DateField(blank=True, null=True)),
                ("aeongo", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("aeendat", models.DateField(blank=True, null=True)),
                (
                    "aerel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNRELATED", "Unrelated"),
                            ("UNLIKELY", "Unlikely"),
                            ("POSSIBLE", "Possible"),
                            ("PROBABLE", "Probable"),
                            ("DEFINITE", "Definite"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "aeacn",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "None"),
                            ("REDUCED", "Dose reduced"),
                            ("INTERRUPTED", "Infusion interrupted"),
                            ("WITHDRAWN", "Stopped for good"),
                            ("NOT_APPLICABLE", "Not applicable"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "aeout",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECOVERED", "Recovered"),
                            ("RECOVERING", "Recovering"),
                            ("NOT_RECOVERED", "Not recovered"),
                            ("SEQUELAE", "Recovered with sequelae"),
                            ("FATAL", "Fatal"),
                            ("UNKNOWN", "Unknown"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                ("aeser", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                (
                    "aeesi",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "None of these"),
                            ("CRS", "Cytokine release syndrome"),
                            ("NEUROLOGIC", "Neurologic event"),
                            ("INFECTION", "Infection"),
                            ("INFUSION_REACTION", "Infusion reaction"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "ctcae_version",
                    models.CharField(
                        blank=True, choices=[("4.03", "CTCAE v4.03")], default="4.03", max_length=10, null=True
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.site"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AdverseEventHistoryrow",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_role",
                    models.CharField(
                        db_default=models.Func(function="cradle_role", output_field=models.CharField()), max_length=40
                    ),
                ),
                (
                    "pgh_site_id",
                    models.BigIntegerField(
                        db_default=models.Func(function="cradle_site_id", output_field=models.BigIntegerField()),
                        null=True,
                    ),
                ),
                (
                    "pgh_reason",
                    models.TextField(db_default=models.Func(function="cradle_reason", output_field=models.TextField())),
                ),
                (
                    "pgh_app_version",
                    models.CharField(
                        db_default=models.Func(function="cradle_app_version", output_field=models.CharField()),
                        max_length=40,
                    ),
                ),
                (
                    "pgh_source",
                    models.CharField(
                        db_default=models.Func(function="cradle_source", output_field=models.CharField()),
                        max_length=200,
                    ),
                ),
                ("missing", models.JSONField(blank=True, default=dict)),
                (
                    "aeterm",
                    models.CharField(
                        blank=True, max_length=200, null=True, validators=[safety.crfs.events.is_ctcae_term]
                    ),
                ),
                ("aespec", models.CharField(blank=True, max_length=200, null=True)),
                (
                    "aetoxgr",
                    models.IntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("aestdat", models.DateField(blank=True, null=True)),
                ("aeongo", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("aeendat", models.DateField(blank=True, null=True)),
                (
                    "aerel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNRELATED", "Unrelated"),
                            ("UNLIKELY", "Unlikely"),
                            ("POSSIBLE", "Possible"),
                            ("PROBABLE", "Probable"),
                            ("DEFINITE", "Definite"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "aeacn",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "None"),
                            ("REDUCED", "Dose reduced"),
                            ("INTERRUPTED", "Infusion interrupted"),
                            ("WITHDRAWN", "Stopped for good"),
                            ("NOT_APPLICABLE", "Not applicable"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "aeout",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECOVERED", "Recovered"),
                            ("RECOVERING", "Recovering"),
                            ("NOT_RECOVERED", "Not recovered"),
                            ("SEQUELAE", "Recovered with sequelae"),
                            ("FATAL", "Fatal"),
                            ("UNKNOWN", "Unknown"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                ("aeser", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                (
                    "aeesi",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "None of these"),
                            ("CRS", "Cytokine release syndrome"),
                            ("NEUROLOGIC", "Neurologic event"),
                            ("INFECTION", "Infection"),
                            ("INFUSION_REACTION", "Infusion reaction"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "ctcae_version",
                    models.CharField(
                        blank=True, choices=[("4.03", "CTCAE v4.03")], default="4.03", max_length=10, null=True
                    ),
                ),
                (
                    "pgh_actor",
                    models.ForeignKey(
                        db_default=models.Func(function="cradle_actor_id", output_field=models.BigIntegerField()),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history_rows",
                        to="safety.adverseevent",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        serialize=False,
                        to="trial.formrecord",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="trial.site",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Laboratory",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="trial.formrecord",
                    ),
                ),
                ("missing", models.JSONField(blank=True, default=dict)),
                ("lbdat", models.DateField(blank=True, null=True)),
                ("lbnam", models.CharField(blank=True, max_length=100, null=True)),
                (
                    "hgb",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "hgb_unit",
                    models.CharField(
                        blank=True,
                        choices=[("g/L", "g/L"), ("g/dL", "g/dL"), ("mmol/L", "mmol/L")],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "hgb_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "hgb_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "wbc",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "wbc_unit",
                    models.CharField(
                        blank=True, choices=[("10^9/L", "10^9/L"), ("/mm3", "/mm³")], max_length=40, null=True
                    ),
                ),
                (
                    "wbc_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "wbc_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "neut",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "neut_unit",
                    models.CharField(
                        blank=True, choices=[("10^9/L", "10^9/L"), ("/mm3", "/mm³")], max_length=40, null=True
                    ),
                ),
                (
                    "neut_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "neut_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "plat",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "plat_unit",
                    models.CharField(
                        blank=True, choices=[("10^9/L", "10^9/L"), ("/mm3", "/mm³")], max_length=40, null=True
                    ),
                ),
                (
                    "plat_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "plat_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alt",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alt_unit",
                    models.CharField(
                        blank=True, choices=[("U/L", "U/L"), ("ukat/L", "µkat/L")], max_length=40, null=True
                    ),
                ),
                (
                    "alt_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alt_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ast",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ast_unit",
                    models.CharField(
                        blank=True, choices=[("U/L", "U/L"), ("ukat/L", "µkat/L")], max_length=40, null=True
                    ),
                ),
                (
                    "ast_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ast_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ggt",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ggt_unit",
                    models.CharField(
                        blank=True, choices=[("U/L", "U/L"), ("ukat/L", "µkat/L")], max_length=40, null=True
                    ),
                ),
                (
                    "ggt_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ggt_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "bili",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "bili_unit",
                    models.CharField(
                        blank=True, choices=[("umol/L", "µmol/L"), ("mg/dL", "mg/dL")], max_length=40, null=True
                    ),
                ),
                (
                    "bili_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "bili_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "creat",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "creat_unit",
                    models.CharField(
                        blank=True, choices=[("umol/L", "µmol/L"), ("mg/dL", "mg/dL")], max_length=40, null=True
                    ),
                ),
                (
                    "creat_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "creat_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alb",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alb_unit",
                    models.CharField(blank=True, choices=[("g/L", "g/L"), ("g/dL", "g/dL")], max_length=40, null=True),
                ),
                (
                    "alb_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alb_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.site"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LaboratoryHistoryrow",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_role",
                    models.CharField(
                        db_default=models.Func(function="cradle_role", output_field=models.CharField()), max_length=40
                    ),
                ),
                (
                    "pgh_site_id",
                    models.BigIntegerField(
                        db_default=models.Func(function="cradle_site_id", output_field=models.BigIntegerField()),
                        null=True,
                    ),
                ),
                (
                    "pgh_reason",
                    models.TextField(db_default=models.Func(function="cradle_reason", output_field=models.TextField())),
                ),
                (
                    "pgh_app_version",
                    models.CharField(
                        db_default=models.Func(function="cradle_app_version", output_field=models.CharField()),
                        max_length=40,
                    ),
                ),
                (
                    "pgh_source",
                    models.CharField(
                        db_default=models.Func(function="cradle_source", output_field=models.CharField()),
                        max_length=200,
                    ),
                ),
                ("missing", models.JSONField(blank=True, default=dict)),
                ("lbdat", models.DateField(blank=True, null=True)),
                ("lbnam", models.CharField(blank=True, max_length=100, null=True)),
                (
                    "hgb",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "hgb_unit",
                    models.CharField(
                        blank=True,
                        choices=[("g/L", "g/L"), ("g/dL", "g/dL"), ("mmol/L", "mmol/L")],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "hgb_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "hgb_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "wbc",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "wbc_unit",
                    models.CharField(
                        blank=True, choices=[("10^9/L", "10^9/L"), ("/mm3", "/mm³")], max_length=40, null=True
                    ),
                ),
                (
                    "wbc_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "wbc_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "neut",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "neut_unit",
                    models.CharField(
                        blank=True, choices=[("10^9/L", "10^9/L"), ("/mm3", "/mm³")], max_length=40, null=True
                    ),
                ),
                (
                    "neut_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "neut_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "plat",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "plat_unit",
                    models.CharField(
                        blank=True, choices=[("10^9/L", "10^9/L"), ("/mm3", "/mm³")], max_length=40, null=True
                    ),
                ),
                (
                    "plat_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "plat_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alt",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alt_unit",
                    models.CharField(
                        blank=True, choices=[("U/L", "U/L"), ("ukat/L", "µkat/L")], max_length=40, null=True
                    ),
                ),
                (
                    "alt_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alt_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ast",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ast_unit",
                    models.CharField(
                        blank=True, choices=[("U/L", "U/L"), ("ukat/L", "µkat/L")], max_length=40, null=True
                    ),
                ),
                (
                    "ast_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ast_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ggt",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ggt_unit",
                    models.CharField(
                        blank=True, choices=[("U/L", "U/L"), ("ukat/L", "µkat/L")], max_length=40, null=True
                    ),
                ),
                (
                    "ggt_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "ggt_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "bili",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "bili_unit",
                    models.CharField(
                        blank=True, choices=[("umol/L", "µmol/L"), ("mg/dL", "mg/dL")], max_length=40, null=True
                    ),
                ),
                (
                    "bili_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "bili_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "creat",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "creat_unit",
                    models.CharField(
                        blank=True, choices=[("umol/L", "µmol/L"), ("mg/dL", "mg/dL")], max_length=40, null=True
                    ),
                ),
                (
                    "creat_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "creat_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alb",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alb_unit",
                    models.CharField(blank=True, choices=[("g/L", "g/L"), ("g/dL", "g/dL")], max_length=40, null=True),
                ),
                (
                    "alb_lln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "alb_uln",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        max_digits=11,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "pgh_actor",
                    models.ForeignKey(
                        db_default=models.Func(function="cradle_actor_id", output_field=models.BigIntegerField()),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history_rows",
                        to="safety.laboratory",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        serialize=False,
                        to="trial.formrecord",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="trial.site",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SeriousAdverseEvent",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="trial.formrecord",
                    ),
                ),
                ("missing", models.JSONField(blank=True, default=dict)),
                (
                    "saeterm",
                    models.CharField(
                        blank=True, max_length=200, null=True, validators=[safety.crfs.events.is_ctcae_term]
                    ),
                ),
                ("saespec", models.CharField(blank=True, max_length=200, null=True)),
                (
                    "saetoxgr",
                    models.IntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("saestdat", models.DateField(blank=True, null=True)),
                (
                    "saeongo",
                    models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True),
                ),
                ("saeendat", models.DateField(blank=True, null=True)),
                (
                    "saerel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNRELATED", "Unrelated"),
                            ("UNLIKELY", "Unlikely"),
                            ("POSSIBLE", "Possible"),
                            ("PROBABLE", "Probable"),
                            ("DEFINITE", "Definite"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "saeacn",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "None"),
                            ("REDUCED", "Dose reduced"),
                            ("INTERRUPTED", "Infusion interrupted"),
                            ("WITHDRAWN", "Stopped for good"),
                            ("NOT_APPLICABLE", "Not applicable"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "saeout",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECOVERED", "Recovered"),
                            ("RECOVERING", "Recovering"),
                            ("NOT_RECOVERED", "Not recovered"),
                            ("SEQUELAE", "Recovered with sequelae"),
                            ("FATAL", "Fatal"),
                            ("UNKNOWN", "Unknown"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                ("sdth", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("slife", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("shosp", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("sdisab", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("scong", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("smie", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("awaredtc", models.DateTimeField(blank=True, null=True)),
                ("reportdtc", models.DateTimeField(blank=True, null=True)),
                ("narrative", models.TextField(blank=True, null=True)),
                (
                    "ae",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trial.formrecord",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="trial.site"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SeriousAdverseEventHistoryrow",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "pgh_role",
                    models.CharField(
                        db_default=models.Func(function="cradle_role", output_field=models.CharField()), max_length=40
                    ),
                ),
                (
                    "pgh_site_id",
                    models.BigIntegerField(
                        db_default=models.Func(function="cradle_site_id", output_field=models.BigIntegerField()),
                        null=True,
                    ),
                ),
                (
                    "pgh_reason",
                    models.TextField(db_default=models.Func(function="cradle_reason", output_field=models.TextField())),
                ),
                (
                    "pgh_app_version",
                    models.CharField(
                        db_default=models.Func(function="cradle_app_version", output_field=models.CharField()),
                        max_length=40,
                    ),
                ),
                (
                    "pgh_source",
                    models.CharField(
                        db_default=models.Func(function="cradle_source", output_field=models.CharField()),
                        max_length=200,
                    ),
                ),
                ("missing", models.JSONField(blank=True, default=dict)),
                (
                    "saeterm",
                    models.CharField(
                        blank=True, max_length=200, null=True, validators=[safety.crfs.events.is_ctcae_term]
                    ),
                ),
                ("saespec", models.CharField(blank=True, max_length=200, null=True)),
                (
                    "saetoxgr",
                    models.IntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                    ),
                ),
                ("saestdat", models.DateField(blank=True, null=True)),
                (
                    "saeongo",
                    models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True),
                ),
                ("saeendat", models.DateField(blank=True, null=True)),
                (
                    "saerel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNRELATED", "Unrelated"),
                            ("UNLIKELY", "Unlikely"),
                            ("POSSIBLE", "Possible"),
                            ("PROBABLE", "Probable"),
                            ("DEFINITE", "Definite"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "saeacn",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NONE", "None"),
                            ("REDUCED", "Dose reduced"),
                            ("INTERRUPTED", "Infusion interrupted"),
                            ("WITHDRAWN", "Stopped for good"),
                            ("NOT_APPLICABLE", "Not applicable"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "saeout",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECOVERED", "Recovered"),
                            ("RECOVERING", "Recovering"),
                            ("NOT_RECOVERED", "Not recovered"),
                            ("SEQUELAE", "Recovered with sequelae"),
                            ("FATAL", "Fatal"),
                            ("UNKNOWN", "Unknown"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                ("sdth", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("slife", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("shosp", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("sdisab", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("scong", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("smie", models.CharField(blank=True, choices=[("Y", "Yes"), ("N", "No")], max_length=40, null=True)),
                ("awaredtc", models.DateTimeField(blank=True, null=True)),
                ("reportdtc", models.DateTimeField(blank=True, null=True)),
                ("narrative", models.TextField(blank=True, null=True)),
                (
                    "ae",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="trial.formrecord",
                    ),
                ),
                (
                    "pgh_actor",
                    models.ForeignKey(
                        db_default=models.Func(function="cradle_actor_id", output_field=models.BigIntegerField()),
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="history_rows",
                        to="safety.seriousadverseevent",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        serialize=False,
                        to="trial.formrecord",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="trial.site",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aeterm"), _negated=True), ("aeterm__isnull", True), _connector="OR"
                ),
                name="adverseevent_aeterm_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aespec"), _negated=True), ("aespec__isnull", True), _connector="OR"
                ),
                name="adverseevent_aespec_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aetoxgr"), _negated=True), ("aetoxgr__isnull", True), _connector="OR"
                ),
                name="adverseevent_aetoxgr_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("aetoxgr__gte", 1), ("aetoxgr__lte", 5)), ("aetoxgr__isnull", True), _connector="OR"
                ),
                name="adverseevent_aetoxgr_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aestdat"), _negated=True), ("aestdat__isnull", True), _connector="OR"
                ),
                name="adverseevent_aestdat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aeongo"), _negated=True), ("aeongo__isnull", True), _connector="OR"
                ),
                name="adverseevent_aeongo_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("aeongo__in", ["Y", "N"]), ("aeongo__isnull", True), _connector="OR"),
                name="adverseevent_aeongo_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aeendat"), _negated=True), ("aeendat__isnull", True), _connector="OR"
                ),
                name="adverseevent_aeendat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aerel"), _negated=True), ("aerel__isnull", True), _connector="OR"
                ),
                name="adverseevent_aerel_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("aerel__in", ["UNRELATED", "UNLIKELY", "POSSIBLE", "PROBABLE", "DEFINITE"]),
                    ("aerel__isnull", True),
                    _connector="OR",
                ),
                name="adverseevent_aerel_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aeacn"), _negated=True), ("aeacn__isnull", True), _connector="OR"
                ),
                name="adverseevent_aeacn_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("aeacn__in", ["NONE", "REDUCED", "INTERRUPTED", "WITHDRAWN", "NOT_APPLICABLE"]),
                    ("aeacn__isnull", True),
                    _connector="OR",
                ),
                name="adverseevent_aeacn_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aeout"), _negated=True), ("aeout__isnull", True), _connector="OR"
                ),
                name="adverseevent_aeout_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("aeout__in", ["RECOVERED", "RECOVERING", "NOT_RECOVERED", "SEQUELAE", "FATAL", "UNKNOWN"]),
                    ("aeout__isnull", True),
                    _connector="OR",
                ),
                name="adverseevent_aeout_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aeser"), _negated=True), ("aeser__isnull", True), _connector="OR"
                ),
                name="adverseevent_aeser_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("aeser__in", ["Y", "N"]), ("aeser__isnull", True), _connector="OR"),
                name="adverseevent_aeser_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "aeesi"), _negated=True), ("aeesi__isnull", True), _connector="OR"
                ),
                name="adverseevent_aeesi_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("aeesi__in", ["NONE", "CRS", "NEUROLOGIC", "INFECTION", "INFUSION_REACTION"]),
                    ("aeesi__isnull", True),
                    _connector="OR",
                ),
                name="adverseevent_aeesi_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ctcae_version"), _negated=True),
                    ("ctcae_version__isnull", True),
                    _connector="OR",
                ),
                name="adverseevent_ctcae_version_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="adverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("ctcae_version__in", ["4.03"]), ("ctcae_version__isnull", True), _connector="OR"),
                name="adverseevent_ctcae_version_valid",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adverseevent",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "safety_adverseeventhistoryrow" ("aeacn", "aeendat", "aeesi", "aeongo", "aeout", "aerel", "aeser", "aespec", "aestdat", "aeterm", "aetoxgr", "ctcae_version", "missing", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "site_id") VALUES (NEW."aeacn", NEW."aeendat", NEW."aeesi", NEW."aeongo", NEW."aeout", NEW."aerel", NEW."aeser", NEW."aespec", NEW."aestdat", NEW."aeterm", NEW."aetoxgr", NEW."ctcae_version", NEW."missing", CLOCK_TIMESTAMP(), \'insert\', NEW."record_id", NEW."record_id", NEW."site_id"); RETURN NULL;',
                    hash="8ce52d884048a247f351a52d2253c0162f555a0a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f12b8",
                    table="safety_adverseevent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adverseevent",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "safety_adverseeventhistoryrow" ("aeacn", "aeendat", "aeesi", "aeongo", "aeout", "aerel", "aeser", "aespec", "aestdat", "aeterm", "aetoxgr", "ctcae_version", "missing", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "site_id") VALUES (NEW."aeacn", NEW."aeendat", NEW."aeesi", NEW."aeongo", NEW."aeout", NEW."aerel", NEW."aeser", NEW."aespec", NEW."aestdat", NEW."aeterm", NEW."aetoxgr", NEW."ctcae_version", NEW."missing", CLOCK_TIMESTAMP(), \'update\', NEW."record_id", NEW."record_id", NEW."site_id"); RETURN NULL;',
                    hash="f647f36d54bbb7354fc9802b7662b00d687717f8",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cf875",
                    table="safety_adverseevent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adverseevent",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "safety_adverseeventhistoryrow" ("aeacn", "aeendat", "aeesi", "aeongo", "aeout", "aerel", "aeser", "aespec", "aestdat", "aeterm", "aetoxgr", "ctcae_version", "missing", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "site_id") VALUES (OLD."aeacn", OLD."aeendat", OLD."aeesi", OLD."aeongo", OLD."aeout", OLD."aerel", OLD."aeser", OLD."aespec", OLD."aestdat", OLD."aeterm", OLD."aetoxgr", OLD."ctcae_version", OLD."missing", CLOCK_TIMESTAMP(), \'delete\', OLD."record_id", OLD."record_id", OLD."site_id"); RETURN NULL;',
                    hash="a3865fa2fc013711862d84f8d1cf87a0fc0dbe2f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_201f1",
                    table="safety_adverseevent",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "lbdat"), _negated=True), ("lbdat__isnull", True), _connector="OR"
                ),
                name="laboratory_lbdat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "lbnam"), _negated=True), ("lbnam__isnull", True), _connector="OR"
                ),
                name="laboratory_lbnam_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "hgb"), _negated=True), ("hgb__isnull", True), _connector="OR"
                ),
                name="laboratory_hgb_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("hgb__gte", 0), ("hgb__isnull", True), _connector="OR"), name="laboratory_hgb_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "hgb_unit"), _negated=True),
                    ("hgb_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_hgb_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hgb_unit__in", ["g/L", "g/dL", "mmol/L"]), ("hgb_unit__isnull", True), _connector="OR"
                ),
                name="laboratory_hgb_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "hgb_lln"), _negated=True), ("hgb_lln__isnull", True), _connector="OR"
                ),
                name="laboratory_hgb_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("hgb_lln__gte", 0), ("hgb_lln__isnull", True), _connector="OR"),
                name="laboratory_hgb_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "hgb_uln"), _negated=True), ("hgb_uln__isnull", True), _connector="OR"
                ),
                name="laboratory_hgb_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("hgb_uln__gte", 0), ("hgb_uln__isnull", True), _connector="OR"),
                name="laboratory_hgb_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "wbc"), _negated=True), ("wbc__isnull", True), _connector="OR"
                ),
                name="laboratory_wbc_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("wbc__gte", 0), ("wbc__isnull", True), _connector="OR"), name="laboratory_wbc_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "wbc_unit"), _negated=True),
                    ("wbc_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_wbc_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("wbc_unit__in", ["10^9/L", "/mm3"]), ("wbc_unit__isnull", True), _connector="OR"),
                name="laboratory_wbc_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "wbc_lln"), _negated=True), ("wbc_lln__isnull", True), _connector="OR"
                ),
                name="laboratory_wbc_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("wbc_lln__gte", 0), ("wbc_lln__isnull", True), _connector="OR"),
                name="laboratory_wbc_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "wbc_uln"), _negated=True), ("wbc_uln__isnull", True), _connector="OR"
                ),
                name="laboratory_wbc_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("wbc_uln__gte", 0), ("wbc_uln__isnull", True), _connector="OR"),
                name="laboratory_wbc_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "neut"), _negated=True), ("neut__isnull", True), _connector="OR"
                ),
                name="laboratory_neut_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("neut__gte", 0), ("neut__isnull", True), _connector="OR"),
                name="laboratory_neut_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "neut_unit"), _negated=True),
                    ("neut_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_neut_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("neut_unit__in", ["10^9/L", "/mm3"]), ("neut_unit__isnull", True), _connector="OR"),
                name="laboratory_neut_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "neut_lln"), _negated=True),
                    ("neut_lln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_neut_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("neut_lln__gte", 0), ("neut_lln__isnull", True), _connector="OR"),
                name="laboratory_neut_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "neut_uln"), _negated=True),
                    ("neut_uln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_neut_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("neut_uln__gte", 0), ("neut_uln__isnull", True), _connector="OR"),
                name="laboratory_neut_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "plat"), _negated=True), ("plat__isnull", True), _connector="OR"
                ),
                name="laboratory_plat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("plat__gte", 0), ("plat__isnull", True), _connector="OR"),
                name="laboratory_plat_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "plat_unit"), _negated=True),
                    ("plat_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_plat_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("plat_unit__in", ["10^9/L", "/mm3"]), ("plat_unit__isnull", True), _connector="OR"),
                name="laboratory_plat_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "plat_lln"), _negated=True),
                    ("plat_lln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_plat_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("plat_lln__gte", 0), ("plat_lln__isnull", True), _connector="OR"),
                name="laboratory_plat_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "plat_uln"), _negated=True),
                    ("plat_uln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_plat_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("plat_uln__gte", 0), ("plat_uln__isnull", True), _connector="OR"),
                name="laboratory_plat_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alt"), _negated=True), ("alt__isnull", True), _connector="OR"
                ),
                name="laboratory_alt_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt__gte", 0), ("alt__isnull", True), _connector="OR"), name="laboratory_alt_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alt_unit"), _negated=True),
                    ("alt_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_alt_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt_unit__in", ["U/L", "ukat/L"]), ("alt_unit__isnull", True), _connector="OR"),
                name="laboratory_alt_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alt_lln"), _negated=True), ("alt_lln__isnull", True), _connector="OR"
                ),
                name="laboratory_alt_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt_lln__gte", 0), ("alt_lln__isnull", True), _connector="OR"),
                name="laboratory_alt_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alt_uln"), _negated=True), ("alt_uln__isnull", True), _connector="OR"
                ),
                name="laboratory_alt_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt_uln__gte", 0), ("alt_uln__isnull", True), _connector="OR"),
                name="laboratory_alt_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ast"), _negated=True), ("ast__isnull", True), _connector="OR"
                ),
                name="laboratory_ast_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ast__gte", 0), ("ast__isnull", True), _connector="OR"), name="laboratory_ast_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ast_unit"), _negated=True),
                    ("ast_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_ast_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ast_unit__in", ["U/L", "ukat/L"]), ("ast_unit__isnull", True), _connector="OR"),
                name="laboratory_ast_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ast_lln"), _negated=True), ("ast_lln__isnull", True), _connector="OR"
                ),
                name="laboratory_ast_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ast_lln__gte", 0), ("ast_lln__isnull", True), _connector="OR"),
                name="laboratory_ast_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ast_uln"), _negated=True), ("ast_uln__isnull", True), _connector="OR"
                ),
                name="laboratory_ast_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ast_uln__gte", 0), ("ast_uln__isnull", True), _connector="OR"),
                name="laboratory_ast_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ggt"), _negated=True), ("ggt__isnull", True), _connector="OR"
                ),
                name="laboratory_ggt_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ggt__gte", 0), ("ggt__isnull", True), _connector="OR"), name="laboratory_ggt_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ggt_unit"), _negated=True),
                    ("ggt_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_ggt_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ggt_unit__in", ["U/L", "ukat/L"]), ("ggt_unit__isnull", True), _connector="OR"),
                name="laboratory_ggt_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ggt_lln"), _negated=True), ("ggt_lln__isnull", True), _connector="OR"
                ),
                name="laboratory_ggt_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ggt_lln__gte", 0), ("ggt_lln__isnull", True), _connector="OR"),
                name="laboratory_ggt_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ggt_uln"), _negated=True), ("ggt_uln__isnull", True), _connector="OR"
                ),
                name="laboratory_ggt_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("ggt_uln__gte", 0), ("ggt_uln__isnull", True), _connector="OR"),
                name="laboratory_ggt_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "bili"), _negated=True), ("bili__isnull", True), _connector="OR"
                ),
                name="laboratory_bili_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("bili__gte", 0), ("bili__isnull", True), _connector="OR"),
                name="laboratory_bili_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "bili_unit"), _negated=True),
                    ("bili_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_bili_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("bili_unit__in", ["umol/L", "mg/dL"]), ("bili_unit__isnull", True), _connector="OR"
                ),
                name="laboratory_bili_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "bili_lln"), _negated=True),
                    ("bili_lln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_bili_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("bili_lln__gte", 0), ("bili_lln__isnull", True), _connector="OR"),
                name="laboratory_bili_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "bili_uln"), _negated=True),
                    ("bili_uln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_bili_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("bili_uln__gte", 0), ("bili_uln__isnull", True), _connector="OR"),
                name="laboratory_bili_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "creat"), _negated=True), ("creat__isnull", True), _connector="OR"
                ),
                name="laboratory_creat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("creat__gte", 0), ("creat__isnull", True), _connector="OR"),
                name="laboratory_creat_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "creat_unit"), _negated=True),
                    ("creat_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_creat_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("creat_unit__in", ["umol/L", "mg/dL"]), ("creat_unit__isnull", True), _connector="OR"
                ),
                name="laboratory_creat_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "creat_lln"), _negated=True),
                    ("creat_lln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_creat_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("creat_lln__gte", 0), ("creat_lln__isnull", True), _connector="OR"),
                name="laboratory_creat_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "creat_uln"), _negated=True),
                    ("creat_uln__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_creat_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("creat_uln__gte", 0), ("creat_uln__isnull", True), _connector="OR"),
                name="laboratory_creat_uln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alb"), _negated=True), ("alb__isnull", True), _connector="OR"
                ),
                name="laboratory_alb_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alb__gte", 0), ("alb__isnull", True), _connector="OR"), name="laboratory_alb_valid"
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alb_unit"), _negated=True),
                    ("alb_unit__isnull", True),
                    _connector="OR",
                ),
                name="laboratory_alb_unit_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alb_unit__in", ["g/L", "g/dL"]), ("alb_unit__isnull", True), _connector="OR"),
                name="laboratory_alb_unit_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alb_lln"), _negated=True), ("alb_lln__isnull", True), _connector="OR"
                ),
                name="laboratory_alb_lln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alb_lln__gte", 0), ("alb_lln__isnull", True), _connector="OR"),
                name="laboratory_alb_lln_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "alb_uln"), _negated=True), ("alb_uln__isnull", True), _connector="OR"
                ),
                name="laboratory_alb_uln_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="laboratory",
            constraint=models.CheckConstraint(
                condition=models.Q(("alb_uln__gte", 0), ("alb_uln__isnull", True), _connector="OR"),
                name="laboratory_alb_uln_valid",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="laboratory",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "safety_laboratoryhistoryrow" ("alb", "alb_lln", "alb_uln", "alb_unit", "alt", "alt_lln", "alt_uln", "alt_unit", "ast", "ast_lln", "ast_uln", "ast_unit", "bili", "bili_lln", "bili_uln", "bili_unit", "creat", "creat_lln", "creat_uln", "creat_unit", "ggt", "ggt_lln", "ggt_uln", "ggt_unit", "hgb", "hgb_lln", "hgb_uln", "hgb_unit", "lbdat", "lbnam", "missing", "neut", "neut_lln", "neut_uln", "neut_unit", "pgh_created_at", "pgh_label", "pgh_obj_id", "plat", "plat_lln", "plat_uln", "plat_unit", "record_id", "site_id", "wbc", "wbc_lln", "wbc_uln", "wbc_unit") VALUES (NEW."alb", NEW."alb_lln", NEW."alb_uln", NEW."alb_unit", NEW."alt", NEW."alt_lln", NEW."alt_uln", NEW."alt_unit", NEW."ast", NEW."ast_lln", NEW."ast_uln", NEW."ast_unit", NEW."bili", NEW."bili_lln", NEW."bili_uln", NEW."bili_unit", NEW."creat", NEW."creat_lln", NEW."creat_uln", NEW."creat_unit", NEW."ggt", NEW."ggt_lln", NEW."ggt_uln", NEW."ggt_unit", NEW."hgb", NEW."hgb_lln", NEW."hgb_uln", NEW."hgb_unit", NEW."lbdat", NEW."lbnam", NEW."missing", NEW."neut", NEW."neut_lln", NEW."neut_uln", NEW."neut_unit", CLOCK_TIMESTAMP(), \'insert\', NEW."record_id", NEW."plat", NEW."plat_lln", NEW."plat_uln", NEW."plat_unit", NEW."record_id", NEW."site_id", NEW."wbc", NEW."wbc_lln", NEW."wbc_uln", NEW."wbc_unit"); RETURN NULL;',
                    hash="1a811e2aa1f5d505b00bfab9f27ae8a56a6929f4",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4fc6f",
                    table="safety_laboratory",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="laboratory",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "safety_laboratoryhistoryrow" ("alb", "alb_lln", "alb_uln", "alb_unit", "alt", "alt_lln", "alt_uln", "alt_unit", "ast", "ast_lln", "ast_uln", "ast_unit", "bili", "bili_lln", "bili_uln", "bili_unit", "creat", "creat_lln", "creat_uln", "creat_unit", "ggt", "ggt_lln", "ggt_uln", "ggt_unit", "hgb", "hgb_lln", "hgb_uln", "hgb_unit", "lbdat", "lbnam", "missing", "neut", "neut_lln", "neut_uln", "neut_unit", "pgh_created_at", "pgh_label", "pgh_obj_id", "plat", "plat_lln", "plat_uln", "plat_unit", "record_id", "site_id", "wbc", "wbc_lln", "wbc_uln", "wbc_unit") VALUES (NEW."alb", NEW."alb_lln", NEW."alb_uln", NEW."alb_unit", NEW."alt", NEW."alt_lln", NEW."alt_uln", NEW."alt_unit", NEW."ast", NEW."ast_lln", NEW."ast_uln", NEW."ast_unit", NEW."bili", NEW."bili_lln", NEW."bili_uln", NEW."bili_unit", NEW."creat", NEW."creat_lln", NEW."creat_uln", NEW."creat_unit", NEW."ggt", NEW."ggt_lln", NEW."ggt_uln", NEW."ggt_unit", NEW."hgb", NEW."hgb_lln", NEW."hgb_uln", NEW."hgb_unit", NEW."lbdat", NEW."lbnam", NEW."missing", NEW."neut", NEW."neut_lln", NEW."neut_uln", NEW."neut_unit", CLOCK_TIMESTAMP(), \'update\', NEW."record_id", NEW."plat", NEW."plat_lln", NEW."plat_uln", NEW."plat_unit", NEW."record_id", NEW."site_id", NEW."wbc", NEW."wbc_lln", NEW."wbc_uln", NEW."wbc_unit"); RETURN NULL;',
                    hash="00359d851135f2f82e01c55a2010085618639a02",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c8e6e",
                    table="safety_laboratory",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="laboratory",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "safety_laboratoryhistoryrow" ("alb", "alb_lln", "alb_uln", "alb_unit", "alt", "alt_lln", "alt_uln", "alt_unit", "ast", "ast_lln", "ast_uln", "ast_unit", "bili", "bili_lln", "bili_uln", "bili_unit", "creat", "creat_lln", "creat_uln", "creat_unit", "ggt", "ggt_lln", "ggt_uln", "ggt_unit", "hgb", "hgb_lln", "hgb_uln", "hgb_unit", "lbdat", "lbnam", "missing", "neut", "neut_lln", "neut_uln", "neut_unit", "pgh_created_at", "pgh_label", "pgh_obj_id", "plat", "plat_lln", "plat_uln", "plat_unit", "record_id", "site_id", "wbc", "wbc_lln", "wbc_uln", "wbc_unit") VALUES (OLD."alb", OLD."alb_lln", OLD."alb_uln", OLD."alb_unit", OLD."alt", OLD."alt_lln", OLD."alt_uln", OLD."alt_unit", OLD."ast", OLD."ast_lln", OLD."ast_uln", OLD."ast_unit", OLD."bili", OLD."bili_lln", OLD."bili_uln", OLD."bili_unit", OLD."creat", OLD."creat_lln", OLD."creat_uln", OLD."creat_unit", OLD."ggt", OLD."ggt_lln", OLD."ggt_uln", OLD."ggt_unit", OLD."hgb", OLD."hgb_lln", OLD."hgb_uln", OLD."hgb_unit", OLD."lbdat", OLD."lbnam", OLD."missing", OLD."neut", OLD."neut_lln", OLD."neut_uln", OLD."neut_unit", CLOCK_TIMESTAMP(), \'delete\', OLD."record_id", OLD."plat", OLD."plat_lln", OLD."plat_uln", OLD."plat_unit", OLD."record_id", OLD."site_id", OLD."wbc", OLD."wbc_lln", OLD."wbc_uln", OLD."wbc_unit"); RETURN NULL;',
                    hash="4c7b81c854194c91149b0aa65b95f0bfb6cf40b3",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_18a39",
                    table="safety_laboratory",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "ae"), _negated=True), ("ae__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_ae_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saeterm"), _negated=True), ("saeterm__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_saeterm_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saespec"), _negated=True), ("saespec__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_saespec_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saetoxgr"), _negated=True),
                    ("saetoxgr__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_saetoxgr_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("saetoxgr__gte", 1), ("saetoxgr__lte", 5)), ("saetoxgr__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_saetoxgr_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saestdat"), _negated=True),
                    ("saestdat__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_saestdat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saeongo"), _negated=True), ("saeongo__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_saeongo_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("saeongo__in", ["Y", "N"]), ("saeongo__isnull", True), _connector="OR"),
                name="seriousadverseevent_saeongo_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saeendat"), _negated=True),
                    ("saeendat__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_saeendat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saerel"), _negated=True), ("saerel__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_saerel_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("saerel__in", ["UNRELATED", "UNLIKELY", "POSSIBLE", "PROBABLE", "DEFINITE"]),
                    ("saerel__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_saerel_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saeacn"), _negated=True), ("saeacn__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_saeacn_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("saeacn__in", ["NONE", "REDUCED", "INTERRUPTED", "WITHDRAWN", "NOT_APPLICABLE"]),
                    ("saeacn__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_saeacn_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "saeout"), _negated=True), ("saeout__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_saeout_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("saeout__in", ["RECOVERED", "RECOVERING", "NOT_RECOVERED", "SEQUELAE", "FATAL", "UNKNOWN"]),
                    ("saeout__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_saeout_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "sdth"), _negated=True), ("sdth__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_sdth_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("sdth__in", ["Y", "N"]), ("sdth__isnull", True), _connector="OR"),
                name="seriousadverseevent_sdth_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "slife"), _negated=True), ("slife__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_slife_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("slife__in", ["Y", "N"]), ("slife__isnull", True), _connector="OR"),
                name="seriousadverseevent_slife_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "shosp"), _negated=True), ("shosp__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_shosp_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("shosp__in", ["Y", "N"]), ("shosp__isnull", True), _connector="OR"),
                name="seriousadverseevent_shosp_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "sdisab"), _negated=True), ("sdisab__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_sdisab_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("sdisab__in", ["Y", "N"]), ("sdisab__isnull", True), _connector="OR"),
                name="seriousadverseevent_sdisab_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "scong"), _negated=True), ("scong__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_scong_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("scong__in", ["Y", "N"]), ("scong__isnull", True), _connector="OR"),
                name="seriousadverseevent_scong_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "smie"), _negated=True), ("smie__isnull", True), _connector="OR"
                ),
                name="seriousadverseevent_smie_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("smie__in", ["Y", "N"]), ("smie__isnull", True), _connector="OR"),
                name="seriousadverseevent_smie_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "awaredtc"), _negated=True),
                    ("awaredtc__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_awaredtc_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "reportdtc"), _negated=True),
                    ("reportdtc__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_reportdtc_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="seriousadverseevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "narrative"), _negated=True),
                    ("narrative__isnull", True),
                    _connector="OR",
                ),
                name="seriousadverseevent_narrative_missing",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seriousadverseevent",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "safety_seriousadverseeventhistoryrow" ("ae_id", "awaredtc", "missing", "narrative", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "reportdtc", "saeacn", "saeendat", "saeongo", "saeout", "saerel", "saespec", "saestdat", "saeterm", "saetoxgr", "scong", "sdisab", "sdth", "shosp", "site_id", "slife", "smie") VALUES (NEW."ae_id", NEW."awaredtc", NEW."missing", NEW."narrative", CLOCK_TIMESTAMP(), \'insert\', NEW."record_id", NEW."record_id", NEW."reportdtc", NEW."saeacn", NEW."saeendat", NEW."saeongo", NEW."saeout", NEW."saerel", NEW."saespec", NEW."saestdat", NEW."saeterm", NEW."saetoxgr", NEW."scong", NEW."sdisab", NEW."sdth", NEW."shosp", NEW."site_id", NEW."slife", NEW."smie"); RETURN NULL;',
                    hash="3caa71a2e198181fc767ceec71d76218c1c403c1",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b5913",
                    table="safety_seriousadverseevent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seriousadverseevent",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "safety_seriousadverseeventhistoryrow" ("ae_id", "awaredtc", "missing", "narrative", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "reportdtc", "saeacn", "saeendat", "saeongo", "saeout", "saerel", "saespec", "saestdat", "saeterm", "saetoxgr", "scong", "sdisab", "sdth", "shosp", "site_id", "slife", "smie") VALUES (NEW."ae_id", NEW."awaredtc", NEW."missing", NEW."narrative", CLOCK_TIMESTAMP(), \'update\', NEW."record_id", NEW."record_id", NEW."reportdtc", NEW."saeacn", NEW."saeendat", NEW."saeongo", NEW."saeout", NEW."saerel", NEW."saespec", NEW."saestdat", NEW."saeterm", NEW."saetoxgr", NEW."scong", NEW."sdisab", NEW."sdth", NEW."shosp", NEW."site_id", NEW."slife", NEW."smie"); RETURN NULL;',
                    hash="59c78b76acaed2eebb88843f5d9079b644cf6069",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e6527",
                    table="safety_seriousadverseevent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seriousadverseevent",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "safety_seriousadverseeventhistoryrow" ("ae_id", "awaredtc", "missing", "narrative", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "reportdtc", "saeacn", "saeendat", "saeongo", "saeout", "saerel", "saespec", "saestdat", "saeterm", "saetoxgr", "scong", "sdisab", "sdth", "shosp", "site_id", "slife", "smie") VALUES (OLD."ae_id", OLD."awaredtc", OLD."missing", OLD."narrative", CLOCK_TIMESTAMP(), \'delete\', OLD."record_id", OLD."record_id", OLD."reportdtc", OLD."saeacn", OLD."saeendat", OLD."saeongo", OLD."saeout", OLD."saerel", OLD."saespec", OLD."saestdat", OLD."saeterm", OLD."saetoxgr", OLD."scong", OLD."sdisab", OLD."sdth", OLD."shosp", OLD."site_id", OLD."slife", OLD."smie"); RETURN NULL;',
                    hash="5391777f0c73bc21dcf9730b42ae7d6182e5811f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e8814",
                    table="safety_seriousadverseevent",
                    when="AFTER",
                ),
            ),
        ),
    ]
