"""The built front end, served."""
