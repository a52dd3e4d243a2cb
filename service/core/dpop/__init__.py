"""Proofs of possession (DPoP, RFC 9449): what a client signs for each call, and which address it signs it for."""
