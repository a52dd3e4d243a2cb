"""The kinds of providers, a file each: what is asked of one, and what of its words is believed."""
