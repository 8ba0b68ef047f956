"""Asks the embedded AWS, another process, for a key that it gave out."""

import json
import urllib.request
from collections.abc import Callable

from local.identity import Key

_SECONDS = 20


def lookup(aws: str) -> Callable[[str], Key | None]:
    """What asks the embedded AWS at this address. Asked anew each time: keys are made, switched off and deleted."""

    def asked(access_key: str) -> Key | None:
        with urllib.request.urlopen(f"{aws}/_penstock/keys/{access_key}", timeout=_SECONDS) as answer:
            found = json.load(answer)
        return None if found is None else Key(**{**found, "policies": tuple(found["policies"])})

    return asked
