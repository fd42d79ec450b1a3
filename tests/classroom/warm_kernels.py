"""Warm kernels: a process that has imported torch forks one ordinary ipykernel for each notebook.

A kernel starts in a tenth of a second of CPU instead of two. nbgrader sees nothing but a kernel called python3:
its kernel.json runs this file as a small client that asks for a fork, hands over its own output streams, and lives as
long as the kernel. Linux only; for tests, whose submissions are the project's own."""

import array
import importlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

STREAMS = (0, 1, 2)


def ask(address: str, arguments: list[str]) -> None:
    """The client: have a kernel forked, then wait until it ends."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(address)
        wish = json.dumps({"arguments": arguments, "environment": dict(os.environ), "folder": str(Path.cwd())})
        link.sendmsg([wish.encode() + b"\n"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", STREAMS))])
        link.recv(1)  # nothing ever comes but the end


def serve(address: str) -> None:
    """The server: import once, then fork at every wish."""
    os.environ["MPLBACKEND"] = (
        "module://matplotlib_inline.backend_inline"  # what a kernel sets before matplotlib is read
    )
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # a kernel ends when its parent does
    for module in ("ipykernel.kernelapp", "matplotlib.figure", "torch"):
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the children
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        os.write(1, b"ready\n")
        while True:
            link, _ = door.accept()
            if os.fork() == 0:
                door.close()
                become_kernel(link)
            link.close()


def become_kernel(link: socket.socket) -> None:
    """In the child: take the client's streams, environment and folder, and be its kernel until the client goes."""
    try:
        message, streams, _, _ = socket.recv_fds(link, 1 << 20, len(STREAMS))
        while not message.endswith(b"\n"):
            message += link.recv(1 << 20)
        wish = json.loads(message)
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for mine, theirs in zip(STREAMS, streams, strict=True):
            os.dup2(theirs, mine)
            os.close(theirs)
        os.environ.clear()
        os.environ.update(wish["environment"])
        os.chdir(wish["folder"])
        sys.argv, sys.path[0] = ["ipykernel_launcher"], ""
        threading.Thread(target=lambda: (link.recv(1), os._exit(0)), daemon=True).start()
        from ipykernel.kernelapp import launch_new_instance

        launch_new_instance(argv=wish["arguments"])
    finally:
        os._exit(0)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        ask(sys.argv[2], sys.argv[3:])
