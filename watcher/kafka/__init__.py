"""The one room that knows the Kafka client library: settings, queries, errors, and the embedded broker."""
