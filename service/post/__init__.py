"""Sending letters: the worker, and a mailbox to look at while developing."""
