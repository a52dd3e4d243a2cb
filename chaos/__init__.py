"""Chaos: a service under load while everything it stands on breaks, and an oracle that remembers what it promised.

`__main__` is the command (`make chaos`, `make soak`), `scene` starts everything, `proxy` and `balancer` stand between
its parts, `people` make the load, `oracle` judges each answer, `faults` are a table of what is broken and how, `run`
plays one fault after another, and `report` writes docs/faults.md.
"""
