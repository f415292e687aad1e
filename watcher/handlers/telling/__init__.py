"""Telling: what a ticket came to, put into words and into the outbox, for whom and at what hour."""
