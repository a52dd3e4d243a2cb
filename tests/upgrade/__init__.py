"""Upgrading while it runs: instances of an older version and of this one, side by side on the same stores."""
