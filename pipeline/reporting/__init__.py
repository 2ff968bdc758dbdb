"""What people and programs are told: progress, logs, summaries, JSON. Decides nothing."""
