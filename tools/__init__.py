"""What dev.py does, with the standard library alone. Not part of the package `endplate`."""
