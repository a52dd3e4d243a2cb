"""Letters: what they say, where their links lead, and the tokens in them."""
