-- Takes the watcher's ear out of a database again, with everything that it wrote down. The role stays: others may hold it.
BEGIN;
DROP EVENT TRIGGER IF EXISTS watcher_ddl;
DROP EVENT TRIGGER IF EXISTS watcher_drop;
DROP EVENT TRIGGER IF EXISTS watcher_drop_index;
DROP SCHEMA IF EXISTS schema_watcher CASCADE;
COMMIT;
