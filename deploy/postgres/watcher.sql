-- The watcher's ear in a PostgreSQL database: event triggers that write down what each DDL statement left behind.
--
--   psql -v ON_ERROR_STOP=1 -d DATABASE -f watcher.sql          (as a superuser, or as your service's stand-in for one)
--   GRANT watcher_reader TO your_login;                          (the role that the feed's url names)
--
-- Once for each database, PostgreSQL 13 or later; running it again is an upgrade and loses nothing. What it promises:
--   * It never fails a user's statement: whatever goes wrong in it is written down instead, or told as a WARNING.
--   * It opens no connection. Where the outbox itself is locked, it gives up within about a second, and says so.
--   * What is rolled back leaves nothing; what is committed is in the outbox from the moment of its commit.
--   * Whoever runs DDL needs no right on anything of the watcher's.

SET client_min_messages = warning;
BEGIN;

DROP EVENT TRIGGER IF EXISTS watcher_ddl;
DROP EVENT TRIGGER IF EXISTS watcher_drop;
DROP EVENT TRIGGER IF EXISTS watcher_drop_index;

CREATE SCHEMA IF NOT EXISTS schema_watcher;

CREATE TABLE IF NOT EXISTS schema_watcher.outbox (
    id bigserial PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    by text NOT NULL DEFAULT session_user,
    application text,
    query text,
    payload jsonb NOT NULL
);

CREATE TABLE IF NOT EXISTS schema_watcher.pruned (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    id bigint NOT NULL
);
INSERT INTO schema_watcher.pruned (id) VALUES (0) ON CONFLICT DO NOTHING;

-- A type in words, with what stands behind a name that users gave: an enum's labels, a domain's base.
CREATE OR REPLACE FUNCTION schema_watcher.type_words(type_id oid, modifier integer, dimensions integer) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kind record;
    words text;
BEGIN
    SELECT y.typtype, y.typelem, y.typbasetype, y.typtypmod, y.typndims, n.nspname,
           (SELECT i.typtype FROM pg_type i WHERE i.oid = y.typelem AND i.typarray = y.oid) AS item
      INTO kind
      FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace WHERE y.oid = type_id;
    IF kind.typtype = 'e' THEN
        RETURN 'enum(' || coalesce((SELECT string_agg('''' || replace(e.enumlabel, '''', '''''') || '''', ', '
                                                      ORDER BY e.enumsortorder)
                                      FROM pg_enum e WHERE e.enumtypid = type_id), '') || ')';
    ELSIF kind.typtype = 'd' THEN
        RETURN schema_watcher.type_words(kind.typbasetype, kind.typtypmod, kind.typndims);
    ELSIF kind.item IN ('e', 'd') THEN
        RETURN schema_watcher.type_words(kind.typelem, -1, 0) || repeat('[]', greatest(1, dimensions));
    END IF;
    words := format_type(type_id, modifier);
    IF kind.nspname IS NOT NULL AND kind.nspname <> 'pg_catalog' THEN
        IF starts_with(words, kind.nspname || '.') THEN
            words := substr(words, length(kind.nspname) + 2);
        ELSIF starts_with(words, quote_ident(kind.nspname) || '.') THEN
            words := substr(words, length(quote_ident(kind.nspname)) + 2);
        END IF;
    END IF;
    IF words LIKE '%[]' THEN
        words := words || repeat('[]', dimensions - 1);
    END IF;
    RETURN words;
END $$;

-- A table or view whole, as this transaction sees it. No column can stand in a default: without the table (0), its
-- text costs no look at all the other columns.
CREATE OR REPLACE FUNCTION schema_watcher.image(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object(
        'kind', 'image', 'oid', c.oid::bigint,
        'database', current_database(), 'schema', n.nspname, 'name', c.relname,
        'view', c.relkind IN ('v', 'm'),
        'columns', coalesce((
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'number', a.attnum, 'name', a.attname,
                       'type', schema_watcher.type_words(a.atttypid, a.atttypmod, a.attndims),
                       'required', a.attnotnull,
                       'default', CASE WHEN a.attidentity = '' AND a.attgenerated = ''
                                       THEN pg_get_expr(d.adbin, 0) END,
                       'comment', col_description(c.oid, a.attnum))) ORDER BY a.attnum)
              FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
        'keys', coalesce((
            SELECT jsonb_agg(jsonb_build_object('primary', i.indisprimary, 'columns', (
                       SELECT jsonb_agg(a.attname ORDER BY k.place)
                         FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
                         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                        WHERE k.place <= i.indnkeyatts)) ORDER BY i.indexrelid)
              FROM pg_index i
             WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
               AND i.indpred IS NULL AND i.indexprs IS NULL), '[]'))
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = relation AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'
       AND n.nspname NOT IN ('schema_watcher', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
       AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = 'pg_class'::regclass
                          AND x.objid = c.oid AND x.objsubid = 0 AND x.deptype = 'e')
$$;

-- One row of the outbox, and a word to who listens: its id only, for a notification holds little.
CREATE OR REPLACE FUNCTION schema_watcher.note(payload jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    number bigint;
BEGIN
    INSERT INTO schema_watcher.outbox (application, query, payload)
    VALUES (current_setting('application_name', true), left(current_query(), 10000), note.payload) RETURNING id INTO number;
    -- A transaction that notifies cannot be prepared, and a full queue fails the commit: then the reader's next look
    -- finds the row without a word.
    IF current_setting('max_prepared_transactions')::integer = 0 AND pg_notification_queue_usage() < 0.5 THEN
        PERFORM pg_notify('watcher', number::text);
    END IF;
END $$;

-- The tables that hold a type: columns of it, of an array of it, of a domain over it.
CREATE OR REPLACE FUNCTION schema_watcher.tables_with(type_id oid) RETURNS SETOF oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE kin (id) AS (
        SELECT type_id
        UNION
        SELECT y.oid FROM kin JOIN pg_type y ON y.typbasetype = kin.id OR (y.typelem = kin.id AND y.typcategory = 'A')
    )
    SELECT DISTINCT a.attrelid FROM kin JOIN pg_attribute a ON a.atttypid = kin.id AND a.attnum > 0
     WHERE NOT a.attisdropped
$$;

-- These tables as they are now, and those that inherit from them: a change of the parent is theirs too.
CREATE OR REPLACE FUNCTION schema_watcher.note_tables(relations oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one jsonb;
BEGIN
    FOR one IN
        WITH RECURSIVE kin (id) AS (
            SELECT unnest(relations) UNION SELECT h.inhrelid FROM kin JOIN pg_inherits h ON h.inhparent = kin.id
        )
        SELECT schema_watcher.image(kin.id) FROM kin ORDER BY kin.id
    LOOP
        IF one IS NOT NULL THEN
            PERFORM schema_watcher.note(one);
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION schema_watcher.on_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
BEGIN
    PERFORM schema_watcher.note_tables(ARRAY(
        SELECT DISTINCT found.relation
          FROM pg_event_trigger_ddl_commands() d
         CROSS JOIN LATERAL (
            SELECT d.objid AS relation WHERE d.classid = 'pg_class'::regclass
            UNION ALL
            SELECT i.indrelid FROM pg_index i WHERE d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid
            UNION ALL
            SELECT schema_watcher.tables_with(d.objid) WHERE d.classid = 'pg_type'::regclass AND d.command_tag LIKE 'ALTER %'
            UNION ALL
            SELECT c.oid FROM pg_class c WHERE d.classid = 'pg_namespace'::regclass AND d.command_tag = 'ALTER SCHEMA'
                                           AND c.relnamespace = d.objid
         ) found
         WHERE NOT d.in_extension));
EXCEPTION WHEN OTHERS THEN
    -- A blind spot is better than a failed statement, and better than silence.
    DECLARE
        state text := SQLSTATE;
        message text := SQLERRM;
    BEGIN
        PERFORM schema_watcher.note(jsonb_build_object('kind', 'failed', 'tag', tg_tag, 'state', state, 'message', message));
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'the watcher could not write down this %: %', tg_tag, message
            USING HINT = 'The statement itself is not affected. The next look at the database finds what it changed.';
    END;
END $$;

-- A dropped index no longer says whose it was: before a DROP INDEX, the session notes which table each unique one is of.
CREATE OR REPLACE FUNCTION schema_watcher.before_drop_index() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('schema_watcher.unique_indexes', coalesce((
        SELECT jsonb_object_agg(i.indexrelid::text, i.indrelid::bigint)::text FROM pg_index i
         WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL
           AND i.indrelid >= 16384), '{}'), false);
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'the watcher could not see whose keys this DROP INDEX takes: %', SQLERRM;
END $$;

CREATE OR REPLACE FUNCTION schema_watcher.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT o.objid::bigint AS id, o.schema_name, o.object_name FROM pg_event_trigger_dropped_objects() o
         WHERE o.object_type IN ('table', 'view', 'materialized view', 'foreign table') AND NOT o.is_temporary
           AND o.schema_name NOT IN ('schema_watcher', 'information_schema') AND o.schema_name NOT LIKE 'pg\_%'
    LOOP
        PERFORM schema_watcher.note(jsonb_build_object('kind', 'gone', 'oid', one.id, 'database', current_database(),
                                                       'schema', one.schema_name, 'name', one.object_name));
    END LOOP;
    -- A type or function that goes with CASCADE takes columns and keys with it, and no other row tells of their tables.
    PERFORM schema_watcher.note_tables(ARRAY(
        SELECT DISTINCT coalesce(c.oid, o.objid)
          FROM pg_event_trigger_dropped_objects() o
          LEFT JOIN pg_namespace n ON n.nspname = o.address_names[1]
          LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = o.address_names[2]
         WHERE o.object_type IN ('table column', 'table constraint', 'default value')));
    IF tg_tag = 'DROP INDEX' THEN
        PERFORM schema_watcher.note_tables(ARRAY(
            SELECT DISTINCT (known.tables ->> o.objid::text)::oid
              FROM pg_event_trigger_dropped_objects() o,
                   (SELECT nullif(current_setting('schema_watcher.unique_indexes', true), '')::jsonb AS tables) known
             WHERE known.tables ? o.objid::text));
        PERFORM set_config('schema_watcher.unique_indexes', '', false);
    END IF;
EXCEPTION WHEN OTHERS THEN
    -- A blind spot is better than a failed statement, and better than silence.
    DECLARE
        state text := SQLSTATE;
        message text := SQLERRM;
    BEGIN
        PERFORM schema_watcher.note(jsonb_build_object('kind', 'failed', 'tag', tg_tag, 'state', state, 'message', message));
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'the watcher could not write down this %: %', tg_tag, message
            USING HINT = 'The statement itself is not affected. The next look at the database finds what it changed.';
    END;
END $$;

-- Forget what is older; a watcher that had not read it yet is told so, and looks at the whole database instead.
CREATE OR REPLACE FUNCTION schema_watcher.prune(older_than interval DEFAULT '30 days') RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counted bigint;
    last bigint;
BEGIN
    WITH gone AS (DELETE FROM schema_watcher.outbox WHERE at < now() - older_than RETURNING id)
    SELECT count(*), max(id) INTO counted, last FROM gone;
    UPDATE schema_watcher.pruned SET id = greatest(id, last) WHERE last IS NOT NULL;
    RETURN counted;
END $$;

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'watcher_reader') THEN
        CREATE ROLE watcher_reader NOLOGIN;
    END IF;
END $$;

REVOKE ALL ON SCHEMA schema_watcher FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA schema_watcher FROM PUBLIC;
GRANT USAGE ON SCHEMA schema_watcher TO watcher_reader;
GRANT SELECT ON schema_watcher.outbox, schema_watcher.pruned, schema_watcher.outbox_id_seq TO watcher_reader;

CREATE EVENT TRIGGER watcher_ddl ON ddl_command_end EXECUTE FUNCTION schema_watcher.on_ddl();
CREATE EVENT TRIGGER watcher_drop ON sql_drop EXECUTE FUNCTION schema_watcher.on_drop();
CREATE EVENT TRIGGER watcher_drop_index ON ddl_command_start WHEN TAG IN ('DROP INDEX')
    EXECUTE FUNCTION schema_watcher.before_drop_index();
-- Also in sessions that call themselves replicas, as restores and tools for bulk loads do.
ALTER EVENT TRIGGER watcher_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER watcher_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER watcher_drop_index ENABLE ALWAYS;

COMMIT;
