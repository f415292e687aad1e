"""Which dataset a subject stands for, by each strategy."""

import pytest

from watcher.feeds.registry.naming import Naming, Strategy
from watcher.feeds.registry.subjects import canonical, qualified, split
from watcher.model.compatibility import guards_less

TOPIC, RECORD, TOPIC_RECORD = Strategy.TOPIC, Strategy.RECORD, Strategy.TOPIC_RECORD


@pytest.mark.parametrize(
    ("strategy", "subject", "dataset"),
    [
        (TOPIC, "orders-value", "kafka://prod/orders"),
        (TOPIC, "orders-key", "kafka://prod/orders#key"),
        (TOPIC, "orders", "kafka://prod/orders"),
        (TOPIC, "key-value-value", "kafka://prod/key-value"),
        (TOPIC, "orders-value-v2", "kafka://prod/orders-value-v2"),
        (TOPIC, "-value", "kafka://prod/-value"),
        (TOPIC, "com.acme.Money", "kafka://prod/com.acme.Money"),
        (TOPIC, ":.staging:orders-value", "kafka://prod/:.staging:orders"),
        (TOPIC, ":.staging:orders-key", "kafka://prod/:.staging:orders#key"),
        (TOPIC, ":.unfinished", "kafka://prod/:.unfinished"),
        (RECORD, "com.acme.OrderPlaced", "kafka://prod/com.acme.OrderPlaced"),
        (RECORD, "orders-value", "kafka://prod/orders-value"),
        (TOPIC_RECORD, "orders-com.acme.OrderPlaced", "kafka://prod/orders#com.acme.OrderPlaced"),
        (TOPIC_RECORD, "my-orders-com.acme.OrderPlaced", "kafka://prod/my-orders#com.acme.OrderPlaced"),
        (TOPIC_RECORD, "orders-eu-Placed by hand", "kafka://prod/orders-eu#Placed by hand"),
        (TOPIC_RECORD, "orders-Half-open", "kafka://prod/orders#Half-open"),
        (TOPIC_RECORD, "alone", "kafka://prod/alone"),
        (TOPIC_RECORD, ":.s:orders-com.acme.A", "kafka://prod/:.s:orders#com.acme.A"),
    ],
)
def test_each_strategy_names_its_datasets(strategy: Strategy, subject: str, dataset: str) -> None:
    """A suffix is cut off once, at the end; the longest known topic wins; a context stays in the name."""
    naming = Naming("kafka://prod", strategy, topics=("orders", "orders-eu"))

    assert naming.dataset(subject) == dataset


@pytest.mark.parametrize("strategy", Strategy)
def test_settings_come_before_any_strategy(strategy: Strategy) -> None:
    """A subject that the settings name stands for what they say, in its context too."""
    naming = Naming("kafka://prod", strategy, {"x-value": "kafka://dc2/x", ":.s:y": "kafka://stage/y"})

    assert naming.dataset("x-value") == "kafka://dc2/x"
    assert naming.dataset(":.s:y") == "kafka://stage/y"


def test_subjects_are_taken_apart_and_put_together() -> None:
    """The default context is not written; a name is meant within the context of who names it."""
    assert canonical(":.:orders") == "orders"
    assert split(":.staging:a:b") == (".staging", "a:b")
    assert split("orders") == ("", "orders")
    assert qualified("money", beside=":.staging:orders") == ":.staging:money"
    assert qualified(":.:money", beside=":.staging:orders") == "money"
    assert qualified("money", beside="orders") == "money"


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        ("FULL", "BACKWARD", True),
        ("BACKWARD", "FULL", False),
        ("BACKWARD", "NONE", True),
        ("NONE", "BACKWARD", False),
        ("BACKWARD", "FORWARD", True),
        ("FORWARD", "BACKWARD", True),
        ("BACKWARD_TRANSITIVE", "BACKWARD", True),
        ("BACKWARD", "BACKWARD_TRANSITIVE", False),
        ("FULL", "BACKWARD_TRANSITIVE", True),
        ("FULL_TRANSITIVE", "FULL", True),
        ("FULL", "FULL", False),
        ("what", "NONE", False),
    ],
)
def test_less_is_guarded_where_something_is_lost(before: str, after: str, *, less: bool) -> None:
    """A direction, or the look at all versions: whichever is lost counts."""
    assert guards_less(before, after) is less
