"""A child ends with its parent: it watches its standard input, which closes when the parent ends, however it ends."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """From now on, a closed standard input is a SIGTERM to this process."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
