"""The program as a black box, treated badly: killed at any moment, failed by its services."""
