"""Looking over the whole service, for administrators."""
