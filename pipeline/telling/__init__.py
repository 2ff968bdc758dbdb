"""Being told: webhooks, a command, metrics, traces. May ask the network and start a program; touches no deck."""
