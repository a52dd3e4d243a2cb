"""What a user proves an account with, what each try costs, and on which devices it is known."""
