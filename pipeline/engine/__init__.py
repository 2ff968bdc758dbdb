"""Producer, queue, workers and gate. Threads live here and nowhere else."""
