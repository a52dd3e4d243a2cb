"""Commands for those who work on the service; none of them is installed with it."""
