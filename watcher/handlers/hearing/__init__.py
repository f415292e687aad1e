"""Hearing: a batch of records from its topic into facts, judged, in one transaction with where to read on."""
