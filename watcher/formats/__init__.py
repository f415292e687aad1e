"""Formats: from text to the canonical model; each format in its own room, no I/O."""
