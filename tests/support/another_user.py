"""Calls something as a user who is not root, to whom files and processes of others are closed."""

import os
from collections.abc import Callable

_NOBODY = 65534


def as_another_user(call: Callable[[], str]) -> str:
    """Return what ``call`` returns to a user without rights: in a process of its own for root, else here.

    What it needs has to be imported already: the interpreter's own files may be closed to that user.
    """
    if os.geteuid() != 0:
        return call()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
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
