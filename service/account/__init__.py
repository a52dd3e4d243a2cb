"""What is done by e-mail: confirming an address, a forgotten password, another address."""
