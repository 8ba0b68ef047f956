"""What is said of a message that nobody here knows."""


class UnknownEvent(ValueError):
    """A message that is none of those known here; the text says what it looks like, not what it says."""
