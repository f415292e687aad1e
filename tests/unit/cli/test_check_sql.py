"""`watcher check` of SQL: a migration is judged before it runs, as the change of the table that it will be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parts.command_line import Ended, call

ORDERS = "snowflake://acme/RAW.SHOP.ORDERS"
STANDS = "CREATE TABLE raw.shop.orders (id NUMBER NOT NULL, amount NUMBER(12,2)); CREATE TABLE raw.shop.other (x INT);"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """What stands, and finance that relies on it."""
    (tmp_path / "now.sql").write_text(STANDS)
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "finance.yaml").write_text(
        "kind: Subscription\nname: finance\nconsumer: {domain: finance}\n"
        f"dataset: {ORDERS.lower()}\nrelies_on: [amount]\n"
    )
    return tmp_path


def check(shop: Path, script: str, *words: str, dataset: str = ORDERS) -> Ended:
    """Check a script against what stands."""
    file = shop / "next.sql"
    file.write_text(script)
    return call("check", file, "--dataset", dataset, "--contracts", str(shop / "contracts"), *words)


@pytest.mark.parametrize(
    ("script", "code", "told"),
    [
        ("ALTER TABLE raw.shop.orders DROP COLUMN amount", 1, "`amount` is gone"),
        ("ALTER TABLE orders DROP COLUMN amount", 1, "`amount` is gone"),
        ("DROP TABLE raw.shop.orders", 1, "the dataset was dropped"),
        ("CREATE OR REPLACE TABLE raw.shop.orders (id NUMBER)", 1, "`amount` is gone"),
        ("ALTER TABLE raw.shop.orders RENAME TO raw.shop.purchases", 1, "the dataset was dropped"),
        ("ALTER TABLE raw.shop.orders ADD COLUMN note VARCHAR", 0, "nobody breaks"),
        ("ALTER TABLE raw.shop.other DROP COLUMN x", 0, "nobody breaks"),
        ("ALTER TABLE raw.shop.other FROBNICATE", 0, "nobody breaks"),
        ("ALTER TABLE raw.shop.orders FROBNICATE", 3, "line 1: "),
    ],
)
def test_a_migration_runs_upon_what_stands(shop: Path, script: str, code: int, told: str) -> None:
    """Who breaks is told before it runs; what cannot be read of this table is undecided, of others no matter."""
    answer = check(shop, script, "--against", str(shop / "now.sql"))

    assert (answer.code, told in answer.out + answer.err) == (code, True), answer
    assert "broken already" not in answer.out


def test_a_whole_definition_needs_nothing_that_stands(shop: Path) -> None:
    """It is judged on what it builds."""
    assert check(shop, STANDS).code == 0
    assert check(shop, "CREATE TABLE raw.shop.orders (id NUMBER)").code == 1


def test_what_stands_must_be_known_for_a_migration(shop: Path) -> None:
    """The error says how to name it; a table that no script makes is told too."""
    answer = check(shop, "ALTER TABLE raw.shop.orders DROP COLUMN amount")
    lost = check(shop, "CREATE TABLE raw.shop.others (id NUMBER)")

    assert (answer.code, "--against" in answer.err) == (3, True)
    assert (lost.code, "makes no table RAW.SHOP.ORDERS" in lost.err) == (3, True)


def test_the_dialect_is_the_namespaces_or_named(shop: Path) -> None:
    """Otherwise the known ones are listed."""
    told = check(shop, STANDS, dataset="wh/RAW.SHOP.ORDERS")
    wrong = check(shop, STANDS, "--dialect", "snowfake")
    level = check(shop, STANDS, "--against", str(shop / "now.sql"), "--level", "BACKWARD")

    assert (told.code, "names no platform" in told.err) == (2, True)
    assert (wrong.code, "known are athena" in wrong.err) == (2, True)
    assert (level.code, "a table has none" in level.err) == (2, True)
    assert check(shop, STANDS, "--dialect", "snowflake", dataset="wh/RAW.SHOP.ORDERS").code == 0
