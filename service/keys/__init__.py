"""Signing keys, access tokens, and the published key set."""
