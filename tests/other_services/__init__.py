"""What docs/other-services.md says of other services of the same owner, and the examples of it."""
