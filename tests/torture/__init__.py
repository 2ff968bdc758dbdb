"""The program as a black box, treated badly: killed at any moment, lied to by its services. See README, "Overnight"."""
