"""Passwords as such: hashing, and which may not be chosen."""
