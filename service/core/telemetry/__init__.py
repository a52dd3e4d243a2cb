"""What is seen from outside: log lines, metrics, traces."""
