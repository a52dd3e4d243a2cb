"""What proves an account: passwords, and accounts without one."""
