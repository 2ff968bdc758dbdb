"""The deck file: opening, reading, inserting, saving. Alone in knowing pptx and lxml; no network, no threads."""
