"""Our pictures in a deck: how they are known again, how their edges look. Imports the readers of deck/ alone."""
