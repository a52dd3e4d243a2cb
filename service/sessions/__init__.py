"""Sessions: one log-in on one device, kept in Redis and only there."""
