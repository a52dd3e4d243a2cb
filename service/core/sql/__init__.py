"""The database, PostgreSQL or SQLite, with its faults told apart."""
