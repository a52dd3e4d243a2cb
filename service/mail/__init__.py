"""Letters: what they say, the outbox they wait in, the worker that sends them."""
