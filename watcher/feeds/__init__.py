"""Feeds: what brings schema changes in, and the runtimes that carry them."""
