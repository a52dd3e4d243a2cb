"""The documentation as pages: `make docs` builds `site/` from the documents of the repository."""
