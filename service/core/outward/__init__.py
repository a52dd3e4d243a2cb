"""What leaves the service over HTTP: one client for all of it, which calls nobody it isn't meant to."""
