"""Warehouses: what the DDL of a platform says, in one vocabulary, and the tables that it leads to."""
