"""What was paid for, kept on disk before anything else happens to it. Knows no deck and no service."""
