"""Calls something as a user who is not root, to whom files and processes of others are closed."""

import ctypes
import os
from collections.abc import Callable

_NOBODY = 65534
_CAPABILITIES = (0x20080522, 0)
"""The version that the kernel knows since 2.6.26, and this process (capset(2))."""


def as_another_user(call: Callable[[], str]) -> str:
    """Return what ``call`` returns to a user without rights: in a process of its own for root, else here.

    Threads do not come along into that process: whatever waits for one, as an evaluation does, waits for ever.
    What it needs has to be imported already: the interpreter's own files may be closed to that user.
    """
    return call() if os.geteuid() != 0 else _in_a_child(call)


def drop_roots_rights() -> None:
    """Go on as a user for whom a file's mode counts, and who reads what it is to import.

    Root without a capability: what is closed to its owner is closed. A program that it starts is root again.
    """
    if os.geteuid() != 0:
        return
    header = (ctypes.c_uint32 * 2)(*_CAPABILITIES)
    none = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)


def _in_a_child(call: Callable[[], str]) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _become_nobody()
            answer = call()
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answers:
        answer = answers.read()
    os.waitpid(child, 0)
    return answer
