"""What superusers see of the whole service."""
