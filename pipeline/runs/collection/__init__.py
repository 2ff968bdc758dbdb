"""Many decks in one command: finding them, where each goes, making them several at once, what became of all."""
