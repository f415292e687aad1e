"""Channels: one file a service, over the one HTTP door."""
