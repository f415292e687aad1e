"""Witnesses: the smallest records that show what a violation does to its consumer, proven with the format's library."""
