"""What a run may spend, what it spends, and what came of it."""
