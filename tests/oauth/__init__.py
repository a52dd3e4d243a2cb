"""OAuth 2's own calls."""
