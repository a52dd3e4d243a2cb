"""HTTP in and out: reading requests, describing and writing answers, one renderer for errors."""
