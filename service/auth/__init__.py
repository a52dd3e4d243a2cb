"""Register, log in, refresh, log out, reauthenticate."""
