"""Logging in with an account at another provider, linking it, and taking it away again."""
