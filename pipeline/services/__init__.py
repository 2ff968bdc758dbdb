"""What services and models there are, and how each is spoken to, as data. Calls nothing itself."""
