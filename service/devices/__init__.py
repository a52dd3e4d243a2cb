"""The devices somebody is logged in on: seeing them, ending them, watching them end."""
