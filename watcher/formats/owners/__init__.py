"""Owners: who answers for what, as other catalogues and files say it."""
