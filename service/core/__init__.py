"""Mechanisms without features, by what they are about: they import nothing of ours but `errors` and `settings`."""
