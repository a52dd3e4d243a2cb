"""Health, for platforms and load balancers."""
