"""Keys from the secrets, and what is sealed with them."""
