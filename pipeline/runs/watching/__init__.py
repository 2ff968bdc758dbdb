"""A watched folder: which files are taken and when, whose they are meanwhile, where they go, how nothing is lost."""
