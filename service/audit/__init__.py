"""Security events: what happened to accounts and sessions."""
