"""ALTER statements as the query engines document them: what each leaves, and which leave a table as it was."""

# ruff: noqa: E501 - a statement stands on a line of its own

import pytest

from tests.unit.formats.sql.scripts import left

BASE = {
    "trino": "create table t (a int not null, b varchar(3), c int)",
    "clickhouse": "create table t (a Int32, b Nullable(String) default 'x', c Int32) engine = MergeTree order by a",
    "duckdb": "create table t (a int not null, b varchar(3) default 'x', c int)",
    "athena": "create table t (a int, b string, c int)",
}

CHANGED = {
    "trino": {
        "add column d decimal(10, 2) not null comment 'x' with (x = 'y')": "a int!, b varchar(3), c int, d decimal(10, 2)!",
        "add column if not exists a int": "a int!, b varchar(3), c int",
        "add column d array(row(x int, y map(varchar, double)))": "a int!, b varchar(3), c int, d array(row(x int, y map(varchar, double)))",
        "add column d timestamp(6) with time zone": "a int!, b varchar(3), c int, d timestamp(6) with time zone",
        "add column d int first": "d int, a int!, b varchar(3), c int",
        "add column d int after a": "a int!, d int, b varchar(3), c int",
        "add column d int last": "a int!, b varchar(3), c int, d int",
        "drop column b": "a int!, c int",
        "drop column if exists zz": "a int!, b varchar(3), c int",
        "rename column b to z": "a int!, z varchar(3), c int",
        "rename column if exists b to z": "a int!, z varchar(3), c int",
        "alter column c set data type bigint": "a int!, b varchar(3), c bigint",
        "alter column a drop not null": "a int, b varchar(3), c int",
        "alter column c set default 5": "a int!, b varchar(3), c int=5",
        "alter column c drop default": "a int!, b varchar(3), c int",
    },
    "clickhouse": {
        "add column if not exists d LowCardinality(Nullable(String)) default 'x' codec(ZSTD(1)) comment 'y' after a": "a Int32!, d LowCardinality(Nullable(String))='x', b Nullable(String)='x', c Int32!",
        "add column d DateTime64(3, 'UTC') materialized now(), add column e UInt8 first": "e UInt8!, a Int32!, b Nullable(String)='x', c Int32!, d DateTime64(3, 'UTC')!",
        "add column d UInt64 alias a + c": "a Int32!, b Nullable(String)='x', c Int32!, d UInt64!",
        "add column d Date ttl d + interval 1 day": "a Int32!, b Nullable(String)='x', c Int32!, d Date!",
        "add column d UInt8 ephemeral 5": "a Int32!, b Nullable(String)='x', c Int32!, d UInt8!",
        "add column d Int32 settings (max_compress_block_size = 5)": "a Int32!, b Nullable(String)='x', c Int32!, d Int32!",
        "drop column if exists b, drop column c": "a Int32!",
        "rename column b to z, rename column if exists c to y": "a Int32!, z Nullable(String)='x', y Int32!",
        "modify column c Int64": "a Int32!, b Nullable(String)='x', c Int64!",
        "modify column if exists c Nullable(Int64) default 5 after a": "a Int32!, c Nullable(Int64)=5, b Nullable(String)='x'",
        "modify column b remove default": "a Int32!, b Nullable(String), c Int32!",
        "alter column c type Int64": "a Int32!, b Nullable(String)='x', c Int64!",
        "modify column c default 7": "a Int32!, b Nullable(String)='x', c Int32!=7",
        "modify column c first": "c Int32!, a Int32!, b Nullable(String)='x'",
        "on cluster x add column d Int8": "a Int32!, b Nullable(String)='x', c Int32!, d Int8!",
        "add column d Enum8('x' = 1, 'y' = 2), clear column c in partition 5": "a Int32!, b Nullable(String)='x', c Int32!, d Enum8('x' = 1, 'y' = 2)!",
    },
    "duckdb": {
        "add column d int default 5": "a int!, b varchar(3)='x', c int, d int=5",
        "add column if not exists d struct(x int, y varchar[])": "a int!, b varchar(3)='x', c int, d struct(x int, y varchar[])",
        "add d map(varchar, int)": "a int!, b varchar(3)='x', c int, d map(varchar, int)",
        "add column d union(x int, y varchar)": "a int!, b varchar(3)='x', c int, d union(x int, y varchar)",
        "drop column if exists zz": "a int!, b varchar(3)='x', c int",
        "drop b cascade": "a int!, c int",
        "rename b to z": "a int!, z varchar(3)='x', c int",
        "rename column b to z": "a int!, z varchar(3)='x', c int",
        "alter c type bigint": "a int!, b varchar(3)='x', c bigint",
        "alter column c set data type varchar using c::varchar": "a int!, b varchar(3)='x', c varchar",
        "alter column c set default 5": "a int!, b varchar(3)='x', c int=5",
        "alter b drop default": "a int!, b varchar(3), c int",
        "alter c set not null": "a int!, b varchar(3)='x', c int!",
        "alter a drop not null": "a int, b varchar(3)='x', c int",
        "add primary key (c)": "a int!, b varchar(3)='x', c int!",
        "add column d int[3]": "a int!, b varchar(3)='x', c int, d int[3]",
    },
    "athena": {
        "add columns (d struct<x:int>, e decimal(10,2))": "a int, b string, c int, d struct<x:int>, e decimal(10, 2)",
        "drop column b": "a int, c int",
        "replace columns (a bigint, z string)": "a bigint, z string",
        "change c z bigint comment 'x' after a": "a int, z bigint, b string",
        "change column c c bigint": "a int, b string, c bigint",
    },
}  # fmt: skip

SAME = {
    "trino": [
        "alter table t set properties x = 'y', z = default", "alter table t set authorization role r", "alter table t set authorization u", "alter table t execute optimize", "alter table t execute optimize(file_size_threshold => '10MB') where a = 1", "alter table t execute expire_snapshots(retention_threshold => '7d')", "alter table t execute rollback_to_snapshot(5)",
        "comment on table t is 'x'", "comment on column t.a is 'x'", "analyze t with (columns = array['a'])", "call system.sync_partition_metadata('s', 't', 'FULL')", "grant select on t to u", "revoke select on t from u", "deny select on t to u", "create role r", "drop role r", "set role all", "set session x = 1", "reset session x", "set time zone 'UTC'", "set session authorization 'x'", "reset session authorization", "set path x.y", "show create table t", "describe t", "describe input x", "use a.b", "use b", "prepare x from select 1", "execute x using 1", "execute immediate 'select 1'", "deallocate prepare x", "start transaction", "commit", "explain analyze select 1", "refresh materialized view mv", "create function f(x int) returns int return x", "drop function f(int)", "create or replace function f() returns int begin declare x int; return 1; end", "alter schema s set authorization u", "create catalog c using memory with (\"x\" = 'y')", "values (1)", "table t", "truncate table t", "insert into t select 1, 'x', 2", "with x as (select 1) select * from x", "merge into t using u on t.a = u.a when matched then delete", "show stats for t", "create branch b in table t", "drop branch b in table t",
    ],
    "clickhouse": [
        "alter table t modify order by (a, c)", "alter table t modify sample by a", "alter table t remove sample by", "alter table t modify ttl d + interval 1 month to disk 'x'", "alter table t remove ttl", "alter table t modify setting x = 1, y = 2", "alter table t reset setting x, y", "alter table t modify comment 'x'", "alter table t comment column a 'x'", "alter table t comment column if exists a 'x'", "alter table t clear column b in partition 5", "alter table t materialize column b", "alter table t modify column b remove ttl", "alter table t modify column a codec(Delta, LZ4)", "alter table t modify column a modify setting max_compress_block_size = 5", "alter table t modify column a reset setting max_compress_block_size", "alter table t modify column b comment 'x'", "alter table t add index i (a, c) type minmax granularity 4", "alter table t add index i a * 2 type set(100) after j", "alter table t drop index i", "alter table t materialize index i in partition 5", "alter table t clear index i", "alter table t add projection p (select a, sum(c) group by a)", "alter table t drop projection p", "alter table t materialize projection p", "alter table t clear projection p in partition 5", "alter table t add constraint k check a > 0", "alter table t add constraint if not exists k assume a > 0", "alter table t drop constraint k", "alter table t add statistics a, c type tdigest", "alter table t drop statistics a", "alter table t materialize statistics a", "alter table t modify statistics a type uniq",
        "alter table t detach partition 5", "alter table t drop partition id '5'", "alter table t drop part 'x'", "alter table t drop detached partition all", "alter table t attach partition 5", "alter table t attach partition 5 from u", "alter table t attach part 'x'", "alter table t replace partition 5 from u", "alter table t move partition 5 to table u", "alter table t move partition 5 to disk 'x'", "alter table t freeze", "alter table t freeze partition 5 with name 'x'", "alter table t unfreeze with name 'x'", "alter table t fetch partition 5 from '/x'", "alter table t update c = 5, b = 'x' where a = 1", "alter table t delete where a = 1", "alter table t delete in partition 5 where a = 1", "alter table t apply deleted mask", "alter table t forget partition 5", "alter table t rewrite parts", "alter table t export part 'x' to table u", "alter user u identified by 'x'", "alter role r settings x = 1", "alter quota q for interval 1 hour max queries = 5", "alter row policy p on t using a = 1", "alter settings profile p settings x = 1", "alter named collection n set x = 1", "optimize table t final deduplicate", "system reload dictionaries", "system drop mark cache", "kill query where 1", "kill mutation where 1", "check table t", "exists table t", "show create table t", "truncate table if exists t", "set x = 1", "create dictionary d (a UInt64) primary key a source(clickhouse(table 't')) layout(flat()) lifetime(5)", "create function f as (x) -> x + 1", "create user u", "create role r", "create quota q", "create row policy p on t using a = 1", "create settings profile p settings x = 1", "create named collection n as x = 1", "drop dictionary d", "drop named collection n", "drop row policy p on t", "drop function f", "backup table t to disk('x', 'y')", "grant select on t to u", "revoke select on t from u", "set role r", "set default role r to u", "watch v", "create index i on t (a) type minmax", "create workload w", "create resource r (write disk d)", "move user u to x", "delete from t where a = 1", "update t set c = 1 where a = 1", "explain syntax select 1", "describe table t",
    ],
    "duckdb": [
        "comment on column t.a is 'x'", "create index i on t (a)", "create macro m(x) as x + 1", "create macro m(x) as table select x", "create or replace temp macro m() as 1", "create function f(x) as x", "create sequence s start 1", "create secret s (type s3, key_id 'x')", "create persistent secret s (type s3)", "create or replace persistent secret if not exists s in local_file (type s3)", "drop secret s", "drop persistent secret s", "drop macro m", "drop macro table m", "drop function f", "drop sequence s", "install httpfs", "force install httpfs from 'x'", "load httpfs", "update extensions", "attach 'x.db' as y (read_only)", "attach if not exists 'x' as y (type sqlite)", "detach y", "use main", "set memory_limit = '1GB'", "set global x to 1", "set variable x = 5", "reset x", "reset variable x", "pragma version", "copy t to 'x.parquet' (format parquet)", "copy from database a to b", "export database 'x'", "checkpoint", "force checkpoint", "vacuum analyze", "analyze", "summarize t", "describe t", "show tables", "pivot t on a using sum(c)", "unpivot t on a, c into name n value v", "from t", "from t select a", "call f(1)", "prepare x as select 1", "execute x(1)", "deallocate x", "explain analyze select 1", "begin transaction", "commit", "abort", "values (1)", "insert or replace into t by name select 1 as a", "truncate t", "merge into t using u on t.a = u.a when matched then delete", "comment on table t is 'x'", "comment on index i is 'x'", "alter sequence s owned by t" , "with x as (select 1) from x",
    ],
    "athena": [
        "alter table t add partition (d = '2020') location 's3://x'", "alter table t add if not exists partition (d = '1') partition (d = '2')", "alter table t drop if exists partition (d = '1'), partition (d = '2')", "alter table t partition (d = '1') rename to partition (d = '2')", "alter table t partition (d = '1') set location 's3://x'", "alter table t set location 's3://x'", "alter table t set tblproperties ('x' = 'y')", "alter table t unset tblproperties ('x')", "alter database d set dbproperties ('x' = 'y')", "msck repair table t", "optimize t rewrite data using bin_pack", "vacuum t", "unload (select * from t) to 's3://x' with (format = 'parquet')", "show partitions t", "describe t", "prepare x from select 1", "execute x using 1", "deallocate prepare x", "using external function f(x int) returns int lambda 'y' select f(1)", "explain select 1", "merge into t using u on t.a = u.a when matched then delete",
    ],
}  # fmt: skip

CASES = [(dialect, one, wanted) for dialect, found in CHANGED.items() for one, wanted in found.items()]


@pytest.mark.parametrize(("dialect", "action", "wanted"), CASES)
def test_changed(dialect: str, action: str, wanted: str) -> None:
    """An action leaves the columns that the engine would."""
    assert left(dialect, BASE[dialect], f"alter table t {action}") == wanted


@pytest.mark.parametrize(("dialect", "statement"), [(dialect, one) for dialect, found in SAME.items() for one in found])
def test_same(dialect: str, statement: str) -> None:
    """What surely changes no shape is read, and changes none: a false blind spot is a false alarm."""
    assert left(dialect, BASE[dialect], statement) == left(dialect, BASE[dialect], "select 1")
