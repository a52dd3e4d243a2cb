"""What the runtime opens: each store does one atomic thing and returns an outcome."""
