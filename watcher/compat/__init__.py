"""Compatibility: whether one schema can read what another wrote, as the format and the registry define it."""
