"""What another service says of somebody, by OpenID Connect: its metadata, its keys, its ID tokens."""
