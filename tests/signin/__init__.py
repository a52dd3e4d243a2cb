"""The door: proofs in, sessions out."""
