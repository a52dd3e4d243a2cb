"""What is done with a link from a letter: confirming an address, another address, another password."""
