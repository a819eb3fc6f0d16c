"""Whether a worker, named by machine and process, still runs."""

import os
import socket


def has_ended(worker: str) -> bool:
    """Whether the worker is a process of this machine that is no more.

    False where nobody here can tell: of another machine, and on Windows, where asking would send a signal.
    """
    host, _, process = worker.rpartition(":")
    if host != socket.gethostname() or os.name != "posix" or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)  # asks only
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
