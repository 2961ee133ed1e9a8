from django.db import migrations, models


class Migration(migrations.Migration):
    """What a check said is to be seen from when its transaction was committed; rows from before go by their moment."""

    dependencies = [("trial", "0005_delegation_ends_at_once")]

    operations = [
        migrations.AddField(
            model_name="prompt",
            name="changeset",
            field=models.BigIntegerField(
                db_default=models.Func(function="cradle_changeset", output_field=models.BigIntegerField()),
                editable=False,
                null=True,
            ),
        ),
    ]
