"""The schema registry as a feed: its records, its state machine, its names."""
