"""Sample decks and how they are made."""
