"""The deck file: opening, reading, inserting, saving. The only room that knows pptx and lxml; no network, no threads."""
