"""Clients that others' generators make of docs/openapi.json: they compile, and hold a conversation with the service."""
