"""Does a test notice when the code is wrong? Changes it a little, one place at a time, and looks: `make mutants`.

mutmut changes functions only, and cosmic-ray a Python tree only: to both, the session store's Lua is one text. Neither
knows that some mistakes are seen on real servers alone.
"""
