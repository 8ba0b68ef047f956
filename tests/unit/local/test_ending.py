"""The embedded run ends when it is told to, whichever of its threads hears it."""

import subprocess
import sys

from tests.e2e.plane import REPOSITORY

HEARD_BY_ANOTHER = """
import signal, sys, threading, traceback
from local.__main__ import interrupt, wait_for_end

def tell():
    places = []
    while "wait_for_end" not in places or places[-1] != "wait":
        stack = traceback.walk_stack(sys._current_frames()[threading.main_thread().ident])
        places = [frame.f_code.co_name for frame, _ in stack][::-1]
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

signal.signal(signal.SIGTERM, interrupt)
threading.Thread(target=tell, daemon=True).start()
wait_for_end()
"""


def test_a_signal_that_another_thread_hears_ends_the_run() -> None:
    ended = subprocess.run([sys.executable, "-c", HEARD_BY_ANOTHER], cwd=REPOSITORY, timeout=60, check=False)
    assert ended.returncode == 0
