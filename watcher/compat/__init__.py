"""Compatibility: can one schema read what another wrote, exactly as the format and the registry define it?"""
