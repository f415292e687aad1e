"""The door for Kafka's errors: one function that turns a number of theirs into a class and a sentence of ours."""

# ruff: noqa: SLF001 - the library spells the errors of its own side with an underscore

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from watcher.model.errors import ConfigurationError, Fatal, Transient, WatcherError


@dataclass(frozen=True, slots=True)
class Occasion:
    """What was asked when the error came: the words that its message needs."""

    servers: str
    topic: str = ""
    group: str = ""


def translate(error: KafkaError | KafkaException, occasion: Occasion) -> WatcherError:
    """The error in the watcher's own tree; what is not known to pass by itself is `Fatal`."""
    cause = _cause(error)
    if cause is None:
        return Fatal(f"the Kafka client failed on {occasion.servers}: {error}")
    code, detail = cause.code(), cause.str()
    if cause.fatal() or code in _DOUBT:
        return Fatal(_DOUBT.get(code, _UNKNOWN).format(**_words(occasion, cause)))
    if code in _MEND:
        return ConfigurationError(_MEND[code].format(**_words(occasion, cause)))
    if code in _AWAY:
        return Transient(f"{_AWAY[code].format(**_words(occasion, cause))} ({detail})")
    if code in _PASSING or cause.retriable():
        return Transient(f"Kafka on {occasion.servers} is busy with itself, which passes: {cause.name()} ({detail})")
    return Fatal(_UNKNOWN.format(**_words(occasion, cause)))


def _cause(error: KafkaError | KafkaException) -> KafkaError | None:
    """The error object; an exception of theirs carries one, unless the binding itself raised it."""
    if isinstance(error, KafkaError):
        return error
    inner: object = error.args[0] if error.args else None
    return inner if isinstance(inner, KafkaError) else None


def _words(occasion: Occasion, cause: KafkaError) -> dict[str, str]:
    return {
        "servers": occasion.servers,
        "topic": f"`{occasion.topic}`" if occasion.topic else "that was asked for",
        "group": f"`{occasion.group}`" if occasion.group else "that was asked for",
        "TOPIC": occasion.topic or "it",
        "GROUP": occasion.group or "it",
        "name": cause.name(),
        "detail": cause.str(),
    }


_UNKNOWN: Final = "Kafka on {servers} answered what the watcher has no rule for: {name} ({detail})"

_NO_TOPIC: Final = (
    "topic {topic} does not exist on {servers}: create it, or set the name that is right (feeds[].topic, events.topic)"
)
_LOGIN: Final = (
    "{servers} refused the login ({detail}): check sasl.username, sasl.password and sasl.mechanism in kafka.options"
)
_OLD_BROKER: Final = "{servers} does not speak what the watcher needs ({detail}): use Apache Kafka 2.1 or later"

_MEND: Final[Mapping[int, str]] = {
    KafkaError.UNKNOWN_TOPIC_OR_PART: _NO_TOPIC,
    KafkaError._UNKNOWN_TOPIC: _NO_TOPIC,
    KafkaError._UNKNOWN_PARTITION: _NO_TOPIC,
    KafkaError.TOPIC_EXCEPTION: "Kafka does not allow {topic} as a topic's name: at most 249 of letters, digits, `._-`",
    KafkaError.TOPIC_ALREADY_EXISTS: "topic {topic} exists on {servers} already: use it, or choose another name",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: (
        "no permission (ACL) to use topic {topic} on {servers}, or it does not exist: "
        "ask for DESCRIBE and READ (to publish: WRITE) on TOPIC {TOPIC}"
    ),
    KafkaError.GROUP_AUTHORIZATION_FAILED: (
        "no permission (ACL) to read group {group} on {servers}: ask for READ on GROUP {GROUP}, "
        "or set feeds[].group to one that is yours"
    ),
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: (
        "no permission (ACL) on the cluster {servers} ({detail}): ask for IDEMPOTENT_WRITE on CLUSTER "
        "(brokers before 2.8), or for what the detail names"
    ),
    KafkaError.SASL_AUTHENTICATION_FAILED: _LOGIN,
    KafkaError._AUTHENTICATION: _LOGIN,
    KafkaError.ILLEGAL_SASL_STATE: _LOGIN,
    KafkaError.UNSUPPORTED_SASL_MECHANISM: _LOGIN,
    KafkaError._SSL: "no TLS connection to {servers} ({detail}): check security.protocol and ssl.* in kafka.options",
    KafkaError._INVALID_ARG: "the Kafka client refused a setting ({detail}): mend it in kafka.options",
    KafkaError.INCONSISTENT_GROUP_PROTOCOL: (
        "group {group} on {servers} is in use by a program that shares it in another way: "
        "give this one a group of its own (feeds[].group), or use one runtime for all its members"
    ),
    KafkaError.INVALID_GROUP_ID: "group {group} is not a name that Kafka allows: set feeds[].group",
    KafkaError.INVALID_SESSION_TIMEOUT: (
        "{servers} refuses the session timeout ({detail}): its group.min.session.timeout.ms and "
        "group.max.session.timeout.ms must admit 10 s"
    ),
    KafkaError.MSG_SIZE_TOO_LARGE: "a record is larger than topic {topic} takes: raise its max.message.bytes",
    KafkaError.POLICY_VIOLATION: "{servers} has a policy against this: {detail}",
    KafkaError.INVALID_CONFIG: "{servers} refuses a topic setting: {detail}",
    KafkaError.INVALID_PARTITIONS: "{servers} refuses the number of partitions: {detail}",
    KafkaError.INVALID_REPLICATION_FACTOR: "{servers} has not enough brokers for this replication factor: {detail}",
    KafkaError.UNSUPPORTED_VERSION: _OLD_BROKER,
    KafkaError._UNSUPPORTED_FEATURE: _OLD_BROKER,
}

_UNREACHABLE: Final = "broker unreachable at {servers}: check that it runs, and kafka.bootstrap_servers"

_AWAY: Final[Mapping[int, str]] = {
    KafkaError._TRANSPORT: _UNREACHABLE,
    KafkaError._ALL_BROKERS_DOWN: _UNREACHABLE,
    KafkaError._RESOLVE: "no address for {servers}: check the host name in kafka.bootstrap_servers",
    KafkaError._TIMED_OUT: "no answer from {servers} in time: check that it runs and is reachable from here",
    KafkaError._MSG_TIMED_OUT: "{servers} did not confirm a record for topic {topic} in time",
    KafkaError.REQUEST_TIMED_OUT: "{servers} did not finish in time",
    KafkaError._QUEUE_FULL: "records for {servers} pile up faster than it takes them",
    KafkaError.THROTTLING_QUOTA_EXCEEDED: "{servers} asks to go slower: raise this client's quota if it goes on",
}

# Elections, rebalances, a coordinator that moves: Kafka and its client heal these without us.
_PASSING: Final = frozenset(
    {
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.BROKER_NOT_AVAILABLE,
        KafkaError.REPLICA_NOT_AVAILABLE,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_CONTROLLER,
        KafkaError.NOT_ENOUGH_REPLICAS,
        KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        KafkaError.KAFKA_STORAGE_ERROR,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.UNSTABLE_OFFSET_COMMIT,
        KafkaError.REBALANCE_IN_PROGRESS,
        # The group went on without us; we join again, and the ledger's position fences what another has read.
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError._MAX_POLL_EXCEEDED,
        KafkaError._WAIT_COORD,
        KafkaError._ASSIGNMENT_LOST,
        KafkaError._RETRY,
        KafkaError._INTR,
        # Given up by ourselves, when an emitter is closed with records still on their way.
        KafkaError._PURGE_QUEUE,
        KafkaError._PURGE_INFLIGHT,
    }
)

_DOUBT: Final[Mapping[int, str]] = {
    KafkaError.OFFSET_OUT_OF_RANGE: (
        "the read position in topic {topic} is not in the topic on {servers} any more: retention has dropped "
        "what was not read, or the topic was made anew"
    ),
    KafkaError._AUTO_OFFSET_RESET: (
        "the read position in topic {topic} is not in the topic on {servers} any more: retention has dropped "
        "what was not read, or the topic was made anew ({detail})"
    ),
    KafkaError._LOG_TRUNCATION: "{servers} has lost the end of topic {topic}: {detail}",
    KafkaError.FENCED_INSTANCE_ID: "another process has this one's place in group {group} on {servers}",
    KafkaError._FENCED: "another process has this one's place on {servers}: {detail}",
}
