"""`python -m service` is the same as `latchkey`."""

from service.cli import main

main()
