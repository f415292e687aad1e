"""Follow-up: what becomes of a ticket in time, as pure calculation: hours, deadlines, ladders, budgets, scorecards."""
