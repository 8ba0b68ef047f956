"""An error of the video APIs."""


class Refused(Exception):
    """Its code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
