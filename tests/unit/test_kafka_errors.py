"""What Kafka's numbers become in the watcher's own tree."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from watcher.kafka.client import Cluster, KafkaSettings, consumer_config, producer_config
from watcher.kafka.errors import Occasion, translate
from watcher.model.errors import ConfigurationError, Fatal, Transient
from watcher.settings import KafkaSettings as Document

OCCASION = Occasion("kafka:9092", topic="_schemas", group="watchers")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (KafkaError.UNKNOWN_TOPIC_OR_PART, ("topic `_schemas` does not exist on kafka:9092", "create it", "feeds[]")),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, ("no permission (ACL)", "READ", "on TOPIC _schemas")),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, ("no permission (ACL) to read group `watchers`", "GROUP watchers")),
        (KafkaError._AUTHENTICATION, ("refused the login", "sasl.password")),
        (KafkaError._INVALID_ARG, ("kafka.options",)),
        (KafkaError.MSG_SIZE_TOO_LARGE, ("max.message.bytes",)),
    ],
)
def test_what_the_user_can_mend_is_a_configuration_error(code: int, words: tuple[str, ...]) -> None:
    """The message names the place and what to do there."""
    told = translate(KafkaError(code), OCCASION)

    assert isinstance(told, ConfigurationError)
    assert [word for word in words if word not in str(told)] == []


@pytest.mark.parametrize(
    "code",
    [
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TIMED_OUT,
        KafkaError._RESOLVE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.NOT_ENOUGH_REPLICAS,
    ],
)
def test_what_passes_by_itself_is_transient(code: int) -> None:
    """The message says where, and carries the library's own words."""
    told = translate(KafkaError(code, "connection refused"), OCCASION)

    assert isinstance(told, Transient)
    assert "kafka:9092" in str(told)
    assert "connection refused" in str(told)


@pytest.mark.parametrize(
    "error",
    [
        KafkaError(KafkaError._AUTO_OFFSET_RESET, "offset 7 out of range"),
        KafkaError(KafkaError.FENCED_INSTANCE_ID),
        KafkaError(KafkaError.INVALID_PRODUCER_EPOCH),
        KafkaError(KafkaError._TRANSPORT, fatal=True),
        KafkaError(KafkaError._FAIL, "an error that nobody has listed"),
    ],
)
def test_doubt_is_fatal(error: KafkaError) -> None:
    """A lost position, a fenced member, what the library calls fatal, and what we do not know, end the process."""
    assert isinstance(translate(error, OCCASION), Fatal)


def test_what_the_library_calls_retriable_is_transient() -> None:
    """A number that we have no rule for is retried where the library itself would."""
    assert isinstance(translate(KafkaError(KafkaError._FAIL, retriable=True), OCCASION), Transient)


def test_an_exception_is_read_by_the_error_in_it() -> None:
    """The library raises its errors wrapped; the wrapping makes no difference."""
    error = KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED)

    assert str(translate(error, OCCASION)) == str(translate(KafkaException(error), OCCASION))


def test_an_exception_without_an_error_is_fatal() -> None:
    """What the binding raises on its own account is nothing that we can place."""
    assert isinstance(translate(KafkaException("odd"), OCCASION), Fatal)
    assert isinstance(translate(KafkaException(), OCCASION), Fatal)


def test_braces_in_the_librarys_words_are_kept() -> None:
    """Foreign text goes into a message as it is; it is no template."""
    told = translate(KafkaError(KafkaError._INVALID_ARG, "no such property {servers}"), OCCASION)

    assert "no such property {servers}" in str(told)


def test_the_settings_document_says_how_a_cluster_is_reached() -> None:
    """The configuration's own model fits what the Kafka room asks for; the type checker sees it too."""
    cluster: Cluster = Document(bootstrap_servers="kafka:9092", options={"security.protocol": "SSL"})

    config = consumer_config(cluster, "g")

    assert (
        config["bootstrap.servers"],
        config["client.id"],
        config["security.protocol"],
    ) == ("kafka:9092", "watcher", "SSL")


def test_options_cannot_undo_what_the_watcher_relies_on() -> None:
    """A reader that jumps, or a writer that does not wait, is not to be had by an option."""
    hasty = KafkaSettings("kafka:9092", options={"auto.offset.reset": "latest", "acks": "0"})

    assert consumer_config(hasty, "g")["auto.offset.reset"] == "error"
    assert producer_config(hasty)["acks"] == "all"
