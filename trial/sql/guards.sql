-- What every clinical table is guarded by. Plain triggers: no setting of a session can pass them by. Each names its
-- search path, so that no session can put a table of its own before ours.

CREATE OR REPLACE FUNCTION cradle_require_actor() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM cradle_actor_id();
    RETURN NULL;
END $$;

-- History and links hang on the key.
CREATE OR REPLACE FUNCTION cradle_keep_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The key of a row never changes: its history hangs on it.' USING ERRCODE = 'CR003';
END $$;

-- Who sees a row is decided by its own site column; it must be that of the subject, by whatever path it was written.
CREATE OR REPLACE FUNCTION cradle_at_its_site() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE fits boolean;
BEGIN
    IF TG_TABLE_NAME = 'trial_visit' THEN
        fits := (SELECT s.site_id = NEW.site_id FROM trial_subject s WHERE s.id = NEW.subject_id);
    ELSIF TG_TABLE_NAME = 'trial_formrecord' THEN
        fits := (SELECT s.site_id = NEW.site_id FROM trial_subject s WHERE s.id = NEW.subject_id)
            AND (NEW.visit_id IS NULL
                 OR EXISTS (SELECT FROM trial_visit v WHERE v.id = NEW.visit_id AND v.subject_id = NEW.subject_id));
    ELSIF TG_TABLE_NAME = 'trial_signature' THEN
        fits := (SELECT s.site_id = NEW.site_id FROM trial_subject s WHERE s.id = NEW.subject_id)
            AND (NEW.visit_id IS NULL
                 OR EXISTS (SELECT FROM trial_visit v WHERE v.id = NEW.visit_id AND v.subject_id = NEW.subject_id));
    ELSIF TG_TABLE_NAME = 'trial_query' AND NEW.record_id IS NULL THEN
        fits := (SELECT (v.site_id, v.subject_id) = (NEW.site_id, NEW.subject_id)
                 FROM trial_visit v WHERE v.id = NEW.visit_id);
    ELSIF TG_TABLE_NAME = 'trial_query' THEN
        SELECT r.crf_code, (r.site_id, r.subject_id) = (NEW.site_id, NEW.subject_id) INTO NEW.crf_code, fits
        FROM trial_formrecord r WHERE r.id = NEW.record_id;
    ELSIF TG_TABLE_NAME = 'trial_signedform' THEN
        fits := (SELECT r.subject_id = s.subject_id FROM trial_formrecord r, trial_signature s
                 WHERE r.id = NEW.record_id AND s.id = NEW.signature_id);
    ELSE
        fits := (SELECT r.site_id = NEW.site_id FROM trial_formrecord r WHERE r.id = NEW.record_id);
    END IF;
    IF fits IS NOT TRUE THEN
        RAISE EXCEPTION 'This row of % names another site or subject than what it belongs to.', TG_TABLE_NAME
            USING ERRCODE = 'CR004';
    END IF;
    RETURN NEW;
END $$;

-- The newest freeze and the newest lock of each scope that holds this record say whether its answers may change. A form
-- opened for a correction is open, whatever held it before, until it is closed again or something is locked anew; while
-- one is, its subject (record null) may change as well: entry date and windows follow the corrected answer.
-- What holds it, a lock before a freeze and the newest first, as trial.locks reads it; null where nothing does.
CREATE OR REPLACE FUNCTION cradle_lock_in_words(record bigint, visit bigint, subject bigint, site bigint)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT json_build_object('kind', held.kind, 'scope', held.scope, 'at', held.at, 'by', u.full_name,
                             'role', held.role, 'reason', held.reason)::text
    FROM (
        SELECT DISTINCT ON (scope, kind) * FROM trial_lock
        WHERE scope = 'study'
           OR (scope = 'site' AND site_id = site)
           OR (scope = 'subject' AND subject_id = subject)
           OR (scope = 'visit' AND visit_id = visit)
           OR (scope = 'form' AND record_id = record)
        ORDER BY scope, kind, id DESC
    ) held JOIN trial_user u ON u.id = held.by_id
    WHERE held.locked AND held.id > coalesce(CASE WHEN record IS NULL THEN (
        SELECT max(newest.id) FROM (
            SELECT DISTINCT ON (l.record_id) l.id, l.until_signed AND NOT l.locked AS is_open
            FROM trial_lock l JOIN trial_formrecord r ON r.id = l.record_id
            WHERE r.subject_id = subject AND l.scope = 'form' AND l.kind = 'lock' ORDER BY l.record_id, l.id DESC
        ) newest WHERE newest.is_open
    ) ELSE (
        SELECT CASE WHEN newest.is_open THEN newest.id END FROM (
            SELECT l.id, l.until_signed AND NOT l.locked AS is_open FROM trial_lock l
            WHERE l.scope = 'form' AND l.record_id = record AND l.kind = 'lock' ORDER BY l.id DESC LIMIT 1
        ) newest
    ) END, 0)
    ORDER BY (held.kind = 'lock') DESC, held.id DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION cradle_is_locked(record bigint, visit bigint, subject bigint, site bigint)
RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT cradle_lock_in_words(record, visit, subject, site) IS NOT NULL
$$;

-- What is written once is signed by whoever writes it, at the database's time. Its number comes from the sequence,
-- whatever was asked for: a high one would stay the newest for ever, and what the newest says would outlast any change.
CREATE OR REPLACE FUNCTION cradle_sign_row() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.by_id IS DISTINCT FROM cradle_actor_id() THEN
        RAISE EXCEPTION 'A row of % is written by its actor, not in the name of another.', TG_TABLE_NAME
            USING ERRCODE = 'CR006';
    END IF;
    NEW.id := nextval(pg_get_serial_sequence(TG_TABLE_NAME, 'id'));
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;

-- The transaction that writes the row, not an older one: as of then the row did not stand.
CREATE OR REPLACE FUNCTION cradle_name_changeset() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.changeset := cradle_changeset();
    RETURN NEW;
END $$;

-- A form stands under a signature from its beginning or never: none is put under one that was given before.
CREATE OR REPLACE FUNCTION cradle_signed_at_once() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM trial_signature s WHERE s.id = NEW.signature_id AND s.by_id = cradle_actor_id()
                   AND s.changeset = cradle_changeset()) THEN
        RAISE EXCEPTION 'A signature covers what it was given for; no form is added to it later.'
            USING ERRCODE = 'CR008';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION cradle_stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;

-- A save and a lock never cross: saves share this key until they commit, a lock takes it alone. Both take their rows
-- first and the key then; the other order would be a deadlock with the foreign keys' row locks at commit.
CREATE OR REPLACE FUNCTION cradle_lock_alone() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM trial_formrecord WHERE id = NEW.record_id FOR KEY SHARE;
    PERFORM FROM trial_subject WHERE id = NEW.subject_id FOR KEY SHARE;
    PERFORM pg_advisory_xact_lock(4711, 1);
    RETURN NEW;
END $$;

-- A row that moves is held by the locks of where it was and of where it goes. Subjects and their visits are held by
-- the locks of subject, site and study: a visit's window follows anchors on other forms, so that a lock of the visit
-- holds its forms alone.
CREATE OR REPLACE FUNCTION cradle_refuse_locked() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    spine trial_formrecord%ROWTYPE;
    held text;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'Clinical data is written under READ COMMITTED: an older snapshot does not see a new lock.'
            USING ERRCODE = 'CR005';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(4711, 1);
    IF TG_TABLE_NAME = 'trial_formrecord' THEN
        held := coalesce(cradle_lock_in_words(NEW.id, NEW.visit_id, NEW.subject_id, NEW.site_id),
                         cradle_lock_in_words(OLD.id, OLD.visit_id, OLD.subject_id, OLD.site_id));
    ELSIF TG_TABLE_NAME = 'trial_subject' THEN
        held := coalesce(cradle_lock_in_words(NULL, NULL, NEW.id, NEW.site_id),
                         cradle_lock_in_words(NULL, NULL, OLD.id, OLD.site_id));
    ELSIF TG_TABLE_NAME = 'trial_visit' THEN
        held := coalesce(cradle_lock_in_words(NULL, NULL, NEW.subject_id, NEW.site_id),
                         cradle_lock_in_words(NULL, NULL, OLD.subject_id, OLD.site_id));
    ELSE
        SELECT * INTO spine FROM trial_formrecord WHERE id = coalesce(NEW.record_id, OLD.record_id);
        held := cradle_lock_in_words(spine.id, spine.visit_id, spine.subject_id, spine.site_id);
    END IF;
    IF held IS NOT NULL THEN
        RAISE EXCEPTION 'This form is locked.' USING ERRCODE = 'CR002', DETAIL = held;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;

-- A query stays the question that was asked. Once closed it changes in one way alone, by being asked again.
CREATE OR REPLACE FUNCTION cradle_query_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.subject_id, NEW.record_id, NEW.visit_id, NEW.item, NEW.check_code, NEW.opened_at, NEW.opened_by_id,
        NEW.opened_role)
       IS DISTINCT FROM (OLD.subject_id, OLD.record_id, OLD.visit_id, OLD.item, OLD.check_code, OLD.opened_at,
        OLD.opened_by_id, OLD.opened_role) THEN
        RAISE EXCEPTION 'What a query is about, and who asked it when, never changes.' USING ERRCODE = 'CR007';
    END IF;
    IF OLD.state = 'cancelled' OR (OLD.state = 'closed' AND NEW.state <> 'open') THEN
        RAISE EXCEPTION 'A query that is % does not change.', OLD.state USING ERRCODE = 'CR007';
    END IF;
    RETURN NEW;
END $$;

-- A signature is of values, and a verification too: when a value changes, by whatever path, those that were about it
-- hold no more. What was signed or verified stays readable; who changed it, and why, stands beside it.
CREATE OR REPLACE FUNCTION cradle_marks_fall(record bigint, changed text[]) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO trial_signaturevoid (signature_id, record_id, items, at, by_id, role, reason)
    SELECT DISTINCT f.signature_id, record, to_jsonb(changed), clock_timestamp(), cradle_actor_id(), cradle_role(),
        cradle_reason()
    FROM trial_signedform f
    WHERE f.record_id = record AND NOT EXISTS (SELECT FROM trial_signaturevoid v WHERE v.signature_id = f.signature_id)
    ON CONFLICT (signature_id) DO NOTHING;  -- another session's change of another of its forms was first

    INSERT INTO trial_reviewmark (kind, record_id, given, items, stands, whole, version, at, by_id, role, reason)
    SELECT newest.kind, record, false, (newest.stands::jsonb - left_over.items)::jsonb, left_over.stands, false,
        newest.version, clock_timestamp(), cradle_actor_id(), cradle_role(), cradle_reason()
    FROM (
        SELECT DISTINCT ON (m.kind) m.* FROM trial_reviewmark m WHERE m.record_id = record ORDER BY m.kind, m.id DESC
    ) newest
    CROSS JOIN LATERAL (
        SELECT newest.stands - changed AS stands,
            ARRAY(SELECT jsonb_array_elements_text(newest.stands - changed)) AS items
    ) left_over
    WHERE newest.stands ?| changed;
END $$;

-- Columns of links end in _id; the item is named without it.
CREATE OR REPLACE FUNCTION cradle_values_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    old_row jsonb := to_jsonb(OLD);
    new_row jsonb := to_jsonb(NEW);
    changed text[];
BEGIN
    SELECT array_agg(DISTINCT item) INTO changed FROM (
        SELECT unnest(ARRAY[key, regexp_replace(key, '_id$', '')]) AS item FROM jsonb_each(new_row)
        WHERE key NOT IN ('record_id', 'site_id', 'missing') AND value IS DISTINCT FROM old_row -> key
        UNION
        SELECT key FROM jsonb_object_keys(OLD.missing || NEW.missing) key
        WHERE OLD.missing -> key IS DISTINCT FROM NEW.missing -> key
    ) items;
    IF changed IS NOT NULL THEN
        PERFORM cradle_marks_fall(NEW.record_id, changed);
    END IF;
    RETURN NULL;
END $$;

-- So they do when the form is deleted, or becomes that of another subject, visit, CRF, number or time zone: the same
-- answers then say something else.
DROP FUNCTION IF EXISTS cradle_form_deleted() CASCADE;  -- its earlier name
CREATE OR REPLACE FUNCTION cradle_form_moved() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.deleted_at, NEW.subject_id, NEW.visit_id, NEW.crf_code, NEW.sequence, NEW.time_zone)
       IS DISTINCT FROM (OLD.deleted_at, OLD.subject_id, OLD.visit_id, OLD.crf_code, OLD.sequence, OLD.time_zone) THEN
        PERFORM cradle_marks_fall(NEW.id, ARRAY(
            SELECT DISTINCT jsonb_array_elements_text(m.stands) FROM trial_reviewmark m WHERE m.record_id = NEW.id));
    END IF;
    RETURN NULL;
END $$;

-- When a transaction's changes became visible: said as late as a transaction can say it.
CREATE OR REPLACE FUNCTION cradle_note_commit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE trial_changeset SET committed_at = clock_timestamp() WHERE id = NEW.id;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS cradle_note_commit ON trial_changeset;
CREATE CONSTRAINT TRIGGER cradle_note_commit AFTER INSERT ON trial_changeset
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cradle_note_commit();

-- pgtrigger lets any session switch its triggers off. Here only the owner of the tables can, who empties test databases.
-- session_user, because the history functions run as the owner.
CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name NAME) RETURNS boolean LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT session_user = (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'trial_formrecord')
       AND trigger_name = ANY (string_to_array(trim(both '{}' from coalesce(current_setting('pgtrigger.ignore', true), '')), ','))
$$;
