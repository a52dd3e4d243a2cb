"""Work that no request waits for: what kinds there are, when the repeated ones are due, how workers do them."""
