"""The one door: every way of logging in ends here."""
