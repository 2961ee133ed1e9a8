from django.db import migrations

FILL = """
SELECT set_config('cradle.actor_id', id::text, true), set_config('cradle.role', 'system', true),
    set_config('cradle.reason', 'Queries name their form', true)
FROM trial_user WHERE username = 'system';
UPDATE trial_query q SET crf_code = r.crf_code FROM trial_formrecord r WHERE r.id = q.record_id AND q.crf_code = '';
"""

# A submit sent twice is found by its number, also after later saves of the same form.
INDEX = """
CREATE INDEX trial_formrecordhistoryrow_submission ON trial_formrecordhistoryrow (submission)
WHERE submission IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("trial", "0002_marks_and_people")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(INDEX, "DROP INDEX trial_formrecordhistoryrow_submission"),
    ]
