"""Sending: what the outbox wishes is brought to its receivers, each channel in a lane of its own."""
