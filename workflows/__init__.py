"""What may happen, and the one code that lets it."""
