"""A port that nobody else is given: neither another test process, nor a connection to which the system gives one."""

import os
import socket
from itertools import count

_FIRST, _LAST = 12_000, 20_000  # these and the ones 10,000 above lie below what the system gives to whoever asks
_held: list[socket.socket] = []
_numbers = count(os.getpid())


def free_port() -> int:
    """Free now, and no other test process is given it while this one lives."""
    for number in _numbers:
        port = _FIRST + number % (_LAST - _FIRST)
        if _is_ours(port):
            try:
                with socket.create_server(("127.0.0.1", port)):
                    return port
            except OSError:  # somebody else's server
                continue
    raise AssertionError("numbers do not end")


def _is_ours(port: int) -> bool:
    """A name of the system that one process can have, and that goes with it: unlike a file, it needs no clearing up."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0publicgsb-tests-port-{port}")
    except OSError:
        claim.close()
        return False
    _held.append(claim)
    return True
