"""Confine: a process gives up all that it could do harm with; what Linux offers for it, asked for by ctypes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NEW_MOUNTS, NEW_NAMES, NEW_IPC, NEW_PROCESSES = 0x00020000, 0x04000000, 0x08000000, 0x20000000  # sched.h: CLONE_NEW*
NO_SUID, NO_DEVICES, RECURSIVE, PRIVATE = 2, 4, 1 << 14, 1 << 18  # sys/mount.h: MS_*
DIES_WITH_PARENT, NO_NEW_PRIVILEGES, DUMPABLE = 1, 38, 4  # sys/prctl.h: PR_SET_*
MEGABYTE = 1 << 20

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Limits:
    """What a submission may use: CPU and real seconds in total, megabytes of memory and of files, open files.

    user: who it is while the grader is root; a number that nobody else has."""

    cpu_seconds: int = 300
    seconds: int = 600
    memory: int = 2048
    disk: int = 128
    files: int = 256
    user: int = 64_000


def called(name: str, *args: object) -> None:
    """A function of the C library. OSError where it fails."""
    if getattr(libc, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mounted(kind: bytes, place: bytes, flags: int, options: bytes = b"") -> None:
    called("mount", kind, place, kind, ctypes.c_ulong(flags), options)


def own_processes() -> None:
    """The next child, and its children, see no process but themselves; they end when that child ends."""
    called("unshare", NEW_PROCESSES)


def processes_as_before(own_namespace: int) -> None:
    """own_namespace: the file descriptor of this process's /proc/self/ns/pid."""
    called("setns", own_namespace, NEW_PROCESSES)


def own_folders(work: str, limits: Limits) -> None:
    """Empty folders of this process's own, in memory, in place of all those that could be written to."""
    called("unshare", NEW_MOUNTS | NEW_IPC | NEW_NAMES)
    called("mount", b"none", b"/", None, ctypes.c_ulong(RECURSIVE | PRIVATE), None)
    for place in (work, "/tmp", "/dev/shm"):
        size = f"size={limits.disk}m,nr_inodes=4096,mode=1777"
        mounted(b"tmpfs", place.encode(), NO_SUID | NO_DEVICES, size.encode())
    try:
        mounted(b"proc", b"/proc", NO_SUID | NO_DEVICES)
    except OSError:  # not allowed to everybody: then no process is seen at all
        mounted(b"tmpfs", b"/proc", NO_SUID | NO_DEVICES, b"size=4k,mode=555")


def user_of(limits: Limits) -> int:
    """Who a submission is: somebody else only where this process is root."""
    return limits.user if os.getuid() == 0 else os.getuid()


def powerless(limits: Limits, tasks: int) -> None:
    """From here on: another user where this one is root, no capability, nothing to be gained, within the limits.

    tasks: of its user, itself included; one more is allowed, the copy of this process that answers questions."""
    limited(limits, tasks + 1)
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(limits.user, limits.user, limits.user)
        os.setresuid(limits.user, limits.user, limits.user)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # linux/capability.h: version 3, this process
    called("capset", header, (ctypes.c_uint32 * 6)())
    called("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    called("prctl", DIES_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    called("prctl", DUMPABLE, 0, 0, 0, 0)


def limited(limits: Limits, tasks: int | None = None) -> None:
    """The limits that every process may set itself; without a number of tasks, of all but these."""
    room = memory_of(os.getpid())["VmSize"] + limits.memory
    most: Mapping[int, int] = {
        resource.RLIMIT_AS: room * MEGABYTE,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.disk * MEGABYTE,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    } | ({} if tasks is None else {resource.RLIMIT_NPROC: tasks})
    for which, number in most.items():
        resource.setrlimit(which, (number, number))


def tasks_of(user: int) -> int:
    """How many threads of that user there are, as far as they can be seen."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == user:
                found += len(list((process / "task").iterdir()))
    return found


def memory_of(process: int) -> dict[str, int]:
    """Megabytes: VmSize, VmRSS, RssAnon, RssShmem ... of a process; nothing where it has gone."""
    try:
        lines = [line.split() for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return {}
    return {words[0].rstrip(":"): int(words[1]) >> 10 for words in lines if words[-1:] == ["kB"]}
