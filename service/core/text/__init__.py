"""Texts and their forms: addresses, encodings, what may be printed."""
