"""The same promises over all services, each against its fake: models, failures, whole runs, secrets."""
