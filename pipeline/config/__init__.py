"""Settings: the one room that reads YAML, the environment and `.env`."""
