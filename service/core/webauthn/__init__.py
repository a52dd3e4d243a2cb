"""WebAuthn (Level 3), without the stores: challenges, and what authenticators send, read and checked."""
