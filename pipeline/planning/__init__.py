"""Which slides get a picture, where, and how it is cut. Pure functions over records; no I/O of any kind."""
