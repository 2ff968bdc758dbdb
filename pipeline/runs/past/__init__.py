"""What earlier runs mean to a run, and what it leaves of itself for later ones."""
