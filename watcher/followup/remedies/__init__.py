"""Remedies: concrete ways to mend a broken promise, one file a kind of break; `options` gives those of a ticket."""
