"""The supervisor of the worker processes, watched from outside: real processes, real sockets, real signals."""
