"""Rounds: what recurs until somebody does something: nags, digests, findings of contracts, datasets of nobody."""
