"""A program that runs on the tests' machines: listens on TCP ports, or tries to reach some."""

import json
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor


class _Greeting(socketserver.StreamRequestHandler):
    """Says from which address the connection comes, and then repeats every line."""

    def handle(self) -> None:
        self.wfile.write(f"{self.client_address[0]}\n".encode())
        for line in self.rfile:
            self.wfile.write(line)


def listen(ports: Sequence[str]) -> None:
    """Answer on these ports of every address until the machine ends."""
    servers = [socketserver.ThreadingTCPServer(("", int(port)), _Greeting) for port in ports]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    print("ready", flush=True)  # noqa: T201
    for thread in threads:
        thread.join()


def _reach(target: str, seconds: str) -> str:
    host, _, port = target.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=float(seconds)) as connection:
            return connection.makefile().readline().strip()
    except TimeoutError:
        return "no answer"
    except OSError as error:
        return error.strerror or str(error)


def reach(arguments: Sequence[str]) -> None:
    """Try all targets at once, and print as whom each sees this machine, or the failure."""
    seconds, *targets = arguments
    with ThreadPoolExecutor(len(targets)) as pool:
        answers = pool.map(_reach, targets, [seconds] * len(targets))
        print(json.dumps(dict(zip(targets, answers, strict=True))))  # noqa: T201


def hold(arguments: Sequence[str]) -> None:
    """Keep one connection, send through it what comes on standard input, and print what comes back."""
    (target,) = arguments
    host, _, port = target.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection, connection.makefile("rw") as stream:
        print(stream.readline(), end="", flush=True)  # noqa: T201
        for line in sys.stdin:
            stream.write(line)
            stream.flush()
            print(stream.readline(), end="", flush=True)  # noqa: T201


def reset(arguments: Sequence[str]) -> None:
    """Reset a TCP connection that nobody has: what comes late, after everybody has forgotten it, looks like this."""
    (target,) = arguments
    host, _, port = target.rpartition(":")
    header_words, reset_flag = 5, 0x04
    # Ports, sequence, acknowledgement, header's length, flags, window, checksum, urgent pointer.
    fields = [50_000, int(port), 1, 0, header_words << 4, reset_flag, 0, 0, 0]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
        raw.sendto(struct.pack("!HHIIBBHHH", *fields), (host, 0))


_VERBS: Mapping[str, Callable[[Sequence[str]], None]] = {
    "listen": listen,
    "reach": reach,
    "hold": hold,
    "reset": reset,
}

if __name__ == "__main__":
    _VERBS[sys.argv[1]](sys.argv[2:])
