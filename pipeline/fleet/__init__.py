"""Many machines: decks handed in as jobs, the Celery tasks that make them, what a worker process has and knows."""
