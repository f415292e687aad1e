"""The catalogue of rules: when an expectation breaks, and which fact explains it."""
