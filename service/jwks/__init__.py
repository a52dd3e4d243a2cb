"""The published key set, and the change of signing keys."""
