"""Accounts: made, found, changed and deleted, and the letters that are asked for by address."""
