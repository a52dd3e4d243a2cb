"""Redis: connections, scripts, faults, facts, and a sweep over its keys."""
