"""Doors to the program."""
