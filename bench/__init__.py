"""The benchmark: the hot paths of the service beside what limits them on the same machine (docs/benchmarks.md).

`__main__` is the command, `stage` starts everything, `generator` makes the load in a process of its own, `limits` are
the servers to compare with, `rounds` measures, `report` tells.
"""
