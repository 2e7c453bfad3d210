"""The one error of dev.py: its text is one sentence for the person at the keyboard."""


class DevError(Exception):
    """A word of dev.py that could not be done: shown on stderr, exit code 2."""
