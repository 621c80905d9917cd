"""The steps, in order. Each says in words what it does."""
