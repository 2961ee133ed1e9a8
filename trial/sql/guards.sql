-- What every clinical table is guarded by. Plain triggers: no setting of a session can pass them by.

CREATE OR REPLACE FUNCTION cradle_require_actor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cradle_actor_id();
    RETURN NULL;
END $$;

-- The newest lock row of each scope that holds this record says whether it is locked.
CREATE OR REPLACE FUNCTION cradle_is_locked(record bigint, visit bigint, subject bigint, site bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(bool_or(newest.locked), false) FROM (
        SELECT DISTINCT ON (scope) scope, locked FROM trial_lock
        WHERE scope = 'study'
           OR (scope = 'site' AND site_id = site)
           OR (scope = 'subject' AND subject_id = subject)
           OR (scope = 'visit' AND visit_id = visit)
           OR (scope = 'form' AND record_id = record)
        ORDER BY scope, id DESC
    ) newest
$$;

-- A save and a lock never cross: saves share this key until they commit, a lock takes it alone.
CREATE OR REPLACE FUNCTION cradle_lock_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4711, 1);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION cradle_refuse_locked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed record;
    spine trial_formrecord%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(4711, 1);
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF TG_TABLE_NAME = 'trial_formrecord' THEN
        spine := changed;
    ELSE
        SELECT * INTO spine FROM trial_formrecord WHERE id = changed.record_id;
    END IF;
    IF cradle_is_locked(spine.id, spine.visit_id, spine.subject_id, spine.site_id) THEN
        RAISE EXCEPTION 'This form is locked.' USING ERRCODE = 'CR002';
    END IF;
    RETURN changed;
END $$;

-- pgtrigger lets any session switch its triggers off. Here only the owner of the tables can, who empties test databases.
CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name NAME) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_user = (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'trial_formrecord')
       AND trigger_name = ANY (string_to_array(trim(both '{}' from coalesce(current_setting('pgtrigger.ignore', true), '')), ','))
$$;
