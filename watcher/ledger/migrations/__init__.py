"""Alembic's folder: `env.py` is its entry, each file of `versions` one step; shipped with the package."""
