"""A notebook for every user: a feature of one's own, served by Latchkey."""
