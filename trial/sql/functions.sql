-- Who changes what: settings of this transaction, read where a history row is written.

-- VOLATILE: a STABLE default would be asked once, without an actor, when a migration adds the column.
CREATE OR REPLACE FUNCTION cradle_actor_id() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE actor text := current_setting('cradle.actor_id', true);
BEGIN
    IF actor IS NULL OR actor = '' THEN
        RAISE EXCEPTION 'A change needs a known actor: open trial.history.history(by=...) around it.'
            USING ERRCODE = 'CR001';
    END IF;
    RETURN actor::bigint;
END $$;

CREATE OR REPLACE FUNCTION cradle_role() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('cradle.role', true), '') $$;
CREATE OR REPLACE FUNCTION cradle_site_id() RETURNS bigint LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('cradle.site_id', true), '')::bigint $$;
CREATE OR REPLACE FUNCTION cradle_reason() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('cradle.reason', true), '') $$;
CREATE OR REPLACE FUNCTION cradle_app_version() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('cradle.app_version', true), '') $$;
CREATE OR REPLACE FUNCTION cradle_source() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('cradle.source', true), '') $$;

-- Partial dates: first and last day that `2024`, `2024-01` or `2024-01-17` can mean.
-- Generated columns call these; a restore does so with an empty search path, hence the schema in the calls.
CREATE OR REPLACE FUNCTION cradle_earliest_day(partial text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT make_date(left(partial, 4)::int,
                     coalesce(nullif(substr(partial, 6, 2), '')::int, 1),
                     coalesce(nullif(substr(partial, 9, 2), '')::int, 1))
$$;
CREATE OR REPLACE FUNCTION cradle_latest_day(partial text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE length(partial)
        WHEN 10 THEN public.cradle_earliest_day(partial)
        WHEN 7 THEN (public.cradle_earliest_day(partial) + interval '1 month' - interval '1 day')::date
        WHEN 4 THEN make_date(left(partial, 4)::int, 12, 31)
    END
$$;

-- item -> reason, where it differs from that of the whole save.
CREATE OR REPLACE FUNCTION cradle_reasons() RETURNS jsonb LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('cradle.reasons', true), '')::jsonb $$;

-- The transaction that a row belongs to, as a number that outlives PostgreSQL's own (which begin anew after a restore).
-- Null without an actor: rows that stood before the column did have none. A setting that names another transaction's
-- number is not believed.
CREATE OR REPLACE FUNCTION cradle_changeset() RETURNS bigint LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    number bigint := nullif(current_setting('cradle.changeset', true), '')::bigint;
    this bigint := pg_current_xact_id()::text::bigint;
BEGIN
    IF coalesce(current_setting('cradle.actor_id', true), '') = '' THEN
        RETURN NULL;
    END IF;
    IF number IS NULL OR NOT EXISTS (SELECT FROM trial_changeset c WHERE c.id = number AND c.xid = this) THEN
        INSERT INTO trial_changeset (xid, began_at) VALUES (this, clock_timestamp()) RETURNING id INTO number;
        PERFORM set_config('cradle.changeset', number::text, true);
    END IF;
    RETURN number;
END $$;
