"""What goes wrong through no fault of the code, told to the user in one line."""


class LadderError(Exception):
    """A command can't do what it was asked to; the message names the value and what was expected."""
