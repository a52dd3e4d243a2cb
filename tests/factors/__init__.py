"""The second factor: an app for codes, recovery codes, trusted devices."""
