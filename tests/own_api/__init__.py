"""What docs/own-api.md says of APIs that take our tokens, and the examples of it."""
