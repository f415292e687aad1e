"""Scoring: the figures of a domain in a span of time, from what the ledger holds."""
