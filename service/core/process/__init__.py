"""Processes: listening, workers and their supervisor, work at intervals."""
