"""The user directory: making and changing accounts, and ending all of a user's sessions for certain."""
