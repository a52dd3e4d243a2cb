"""Every error that a store can answer: what clients see, and what the operator is told."""
