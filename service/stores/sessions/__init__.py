"""Sessions in Redis: the only truth about them, and the scripts that change it."""
