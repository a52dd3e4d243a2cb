"""Mechanisms without features: they import nothing of ours but `errors` and `settings`."""
