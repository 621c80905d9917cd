"""How the schema came to be: numbered steps that run on SQLite and PostgreSQL alike."""
