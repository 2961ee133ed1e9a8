from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import mrd.crfs.fraction


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("trial", "0001_spine"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MrdResult",
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
                    "target",
                    models.CharField(
                        blank=True,
                        choices=[("KMT2A", "KMT2A fusion"), ("IGTCR", "Ig/TCR rearrangement")],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NEG", "Negative"),
                            ("POS_NQ", "Positive, not quantifiable"),
                            ("POS", "Positive, quantified"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "value",
                    mrd.crfs.fraction.FractionField(
                        blank=True,
                        decimal_places=12,
                        max_digits=13,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-12")),
                            django.core.validators.MaxValueValidator(1),
                        ],
                    ),
                ),
                (
                    "quant_range",
                    mrd.crfs.fraction.FractionField(
                        blank=True,
                        decimal_places=12,
                        max_digits=13,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-12")),
                            django.core.validators.MaxValueValidator(1),
                        ],
                    ),
                ),
                (
                    "sensitivity",
                    mrd.crfs.fraction.FractionField(
                        blank=True,
                        decimal_places=12,
                        max_digits=13,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-12")),
                            django.core.validators.MaxValueValidator(1),
                        ],
                    ),
                ),
                (
                    "sample",
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
            name="MrdResultHistoryrow",
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
                    "target",
                    models.CharField(
                        blank=True,
                        choices=[("KMT2A", "KMT2A fusion"), ("IGTCR", "Ig/TCR rearrangement")],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("NEG", "Negative"),
                            ("POS_NQ", "Positive, not quantifiable"),
                            ("POS", "Positive, quantified"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "value",
                    mrd.crfs.fraction.FractionField(
                        blank=True,
                        decimal_places=12,
                        max_digits=13,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-12")),
                            django.core.validators.MaxValueValidator(1),
                        ],
                    ),
                ),
                (
                    "quant_range",
                    mrd.crfs.fraction.FractionField(
                        blank=True,
                        decimal_places=12,
                        max_digits=13,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-12")),
                            django.core.validators.MaxValueValidator(1),
                        ],
                    ),
                ),
                (
                    "sensitivity",
                    mrd.crfs.fraction.FractionField(
                        blank=True,
                        decimal_places=12,
                        max_digits=13,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("1E-12")),
                            django.core.validators.MaxValueValidator(1),
                        ],
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
                        to="mrd.mrdresult",
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
                    "sample",
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
            name="MrdSample",
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
                    "timepoint",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("EOI", "End of induction"),
                            ("D15", "Day 15 of blinatumomab"),
                            ("D29", "Day 29, end of blinatumomab"),
                            ("MARMA", "Before MARMA"),
                            ("OCTADAD", "Before OCTADA(D) or HSCT"),
                            ("MAINT", "Before maintenance"),
                            ("UNSCHEDULED", "Unscheduled"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                ("msdat", models.DateField(blank=True, null=True)),
                (
                    "material",
                    models.CharField(
                        blank=True,
                        choices=[("BM", "Bone marrow"), ("PB", "Peripheral blood")],
                        max_length=40,
                        null=True,
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
            name="MrdSampleHistoryrow",
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
                    "timepoint",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("EOI", "End of induction"),
                            ("D15", "Day 15 of blinatumomab"),
                            ("D29", "Day 29, end of blinatumomab"),
                            ("MARMA", "Before MARMA"),
                            ("OCTADAD", "Before OCTADA(D) or HSCT"),
                            ("MAINT", "Before maintenance"),
                            ("UNSCHEDULED", "Unscheduled"),
                        ],
                        max_length=40,
                        null=True,
                    ),
                ),
                ("msdat", models.DateField(blank=True, null=True)),
                (
                    "material",
                    models.CharField(
                        blank=True,
                        choices=[("BM", "Bone marrow"), ("PB", "Peripheral blood")],
                        max_length=40,
                        null=True,
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
                        to="mrd.mrdsample",
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
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "sample"), _negated=True), ("sample__isnull", True), _connector="OR"
                ),
                name="mrdresult_sample_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "target"), _negated=True), ("target__isnull", True), _connector="OR"
                ),
                name="mrdresult_target_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__in", ["KMT2A", "IGTCR"]), ("target__isnull", True), _connector="OR"),
                name="mrdresult_target_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "result"), _negated=True), ("result__isnull", True), _connector="OR"
                ),
                name="mrdresult_result_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["NEG", "POS_NQ", "POS"]), ("result__isnull", True), _connector="OR"),
                name="mrdresult_result_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "value"), _negated=True), ("value__isnull", True), _connector="OR"
                ),
                name="mrdresult_value_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("value__gte", Decimal("1E-12")), ("value__lte", 1)),
                    ("value__isnull", True),
                    _connector="OR",
                ),
                name="mrdresult_value_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "quant_range"), _negated=True),
                    ("quant_range__isnull", True),
                    _connector="OR",
                ),
                name="mrdresult_quant_range_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quant_range__gte", Decimal("1E-12")), ("quant_range__lte", 1)),
                    ("quant_range__isnull", True),
                    _connector="OR",
                ),
                name="mrdresult_quant_range_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "sensitivity"), _negated=True),
                    ("sensitivity__isnull", True),
                    _connector="OR",
                ),
                name="mrdresult_sensitivity_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sensitivity__gte", Decimal("1E-12")), ("sensitivity__lte", 1)),
                    ("sensitivity__isnull", True),
                    _connector="OR",
                ),
                name="mrdresult_sensitivity_valid",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mrdresult",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mrd_mrdresulthistoryrow" ("missing", "pgh_created_at", "pgh_label", "pgh_obj_id", "quant_range", "record_id", "result", "sample_id", "sensitivity", "site_id", "target", "value") VALUES (NEW."missing", CLOCK_TIMESTAMP(), \'insert\', NEW."record_id", NEW."quant_range", NEW."record_id", NEW."result", NEW."sample_id", NEW."sensitivity", NEW."site_id", NEW."target", NEW."value"); RETURN NULL;',
                    hash="f631216b37748b069a8d6a011a60f5a45b393a9a",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_215f4",
                    table="mrd_mrdresult",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mrdresult",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "mrd_mrdresulthistoryrow" ("missing", "pgh_created_at", "pgh_label", "pgh_obj_id", "quant_range", "record_id", "result", "sample_id", "sensitivity", "site_id", "target", "value") VALUES (NEW."missing", CLOCK_TIMESTAMP(), \'update\', NEW."record_id", NEW."quant_range", NEW."record_id", NEW."result", NEW."sample_id", NEW."sensitivity", NEW."site_id", NEW."target", NEW."value"); RETURN NULL;',
                    hash="e549325fe4a0580d3b9f6b901199bd904e7adcdd",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_331b1",
                    table="mrd_mrdresult",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mrdresult",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mrd_mrdresulthistoryrow" ("missing", "pgh_created_at", "pgh_label", "pgh_obj_id", "quant_range", "record_id", "result", "sample_id", "sensitivity", "site_id", "target", "value") VALUES (OLD."missing", CLOCK_TIMESTAMP(), \'delete\', OLD."record_id", OLD."quant_range", OLD."record_id", OLD."result", OLD."sample_id", OLD."sensitivity", OLD."site_id", OLD."target", OLD."value"); RETURN NULL;',
                    hash="7eaea2726872cca806212129e62df4ce35fa00ea",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f579f",
                    table="mrd_mrdresult",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdsample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "timepoint"), _negated=True),
                    ("timepoint__isnull", True),
                    _connector="OR",
                ),
                name="mrdsample_timepoint_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdsample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("timepoint__in", ["EOI", "D15", "D29", "MARMA", "OCTADAD", "MAINT", "UNSCHEDULED"]),
                    ("timepoint__isnull", True),
                    _connector="OR",
                ),
                name="mrdsample_timepoint_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdsample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "msdat"), _negated=True), ("msdat__isnull", True), _connector="OR"
                ),
                name="mrdsample_msdat_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdsample",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missing__has_key", "material"), _negated=True),
                    ("material__isnull", True),
                    _connector="OR",
                ),
                name="mrdsample_material_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="mrdsample",
            constraint=models.CheckConstraint(
                condition=models.Q(("material__in", ["BM", "PB"]), ("material__isnull", True), _connector="OR"),
                name="mrdsample_material_valid",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mrdsample",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mrd_mrdsamplehistoryrow" ("material", "missing", "msdat", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "site_id", "timepoint") VALUES (NEW."material", NEW."missing", NEW."msdat", CLOCK_TIMESTAMP(), \'insert\', NEW."record_id", NEW."record_id", NEW."site_id", NEW."timepoint"); RETURN NULL;',
                    hash="338c3ed82a866726a29338b1384dc80857c6d4e6",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b9733",
                    table="mrd_mrdsample",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mrdsample",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "mrd_mrdsamplehistoryrow" ("material", "missing", "msdat", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "site_id", "timepoint") VALUES (NEW."material", NEW."missing", NEW."msdat", CLOCK_TIMESTAMP(), \'update\', NEW."record_id", NEW."record_id", NEW."site_id", NEW."timepoint"); RETURN NULL;',
                    hash="cd0e5efa0071d1f1f2ebd269cc86d9be2846b4ed",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1e1a6",
                    table="mrd_mrdsample",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mrdsample",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mrd_mrdsamplehistoryrow" ("material", "missing", "msdat", "pgh_created_at", "pgh_label", "pgh_obj_id", "record_id", "site_id", "timepoint") VALUES (OLD."material", OLD."missing", OLD."msdat", CLOCK_TIMESTAMP(), \'delete\', OLD."record_id", OLD."record_id", OLD."site_id", OLD."timepoint"); RETURN NULL;',
                    hash="c7f8ae5e6940cda6a9909ada3f7dba2569564754",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_57686",
                    table="mrd_mrdsample",
                    when="AFTER",
                ),
            ),
        ),
    ]
