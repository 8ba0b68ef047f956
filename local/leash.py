"""A child ends with its parent: it watches its standard input, which closes when the parent ends, however it ends."""

import os
import signal
import sys
import threading
import time

INSIST_SECONDS = 1.0
GRACE_SECONDS = 8.0


def end_with_parent() -> None:
    """From now on, a closed standard input asks this process to end, insists, and in the end kills its group.

    A Task Runner lets its work end at the first request and drops it at the second.
    """
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(INSIST_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)
