"""The steps, each named for its version and what it brings."""
