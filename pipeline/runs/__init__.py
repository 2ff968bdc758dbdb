"""The flow of a whole run, from an input path to a report."""
