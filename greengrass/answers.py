"""What a model answered, as a JSON value where it is one and as text where it is not."""

import json


def output_of(content: bytes) -> object:
    """The output of a result."""
    try:
        found: object = json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
    return found
