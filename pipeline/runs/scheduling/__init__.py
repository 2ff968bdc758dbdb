"""Decks made by the clock: when each job is due, one run of it at a time, what was missed caught up with once."""
