"""The daemon's life: start in order, hear, judge, tell, and stop without losing or doubling anything."""
