"""Ticketing: a ticket from its opening to its end, whoever moves it: a proof, a person, a tracker or the clock."""
