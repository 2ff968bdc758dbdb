"""The image models this program knows, as data: one YAML file a service."""
