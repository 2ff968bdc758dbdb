"""How the sample decks are made: one module a deck, and what they share."""
