"""Install: does this computer have a .venv with exactly what requirements.txt pins, and if not, make it so.

Run as a script by whatever Python the computer has, before any package exists: standard library only,
and nothing that Python 3.6 cannot parse.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "installed")
LOG = os.path.join(VENV, "install.log")
UNFINISHED = "unfinished"
OLDEST_PYTHON = (3, 11)
GIGABYTES = 10 if sys.platform.startswith("linux") else 3

CAUSES = (
    (r"No space left on device|not enough space", "the disk is full; free some space"),
    (
        r"NewConnectionError|NameResolutionError|Max retries exceeded|[Tt]imed? ?out|ProxyError"
        r"|SSLError|CERTIFICATE_VERIFY|ConnectionResetError|getaddrinfo",
        "no connection to the package index; check the network or the proxy",
    ),
    (
        r"No matching distribution found|Failed building wheel|requires a different Python",
        "no ready-made package for this Python or computer; use a 64-bit Python 3.11 to 3.13 "
        "(on a Mac: Apple silicon)",
    ),
    (r"Permission denied|Access is denied", "no permission; close programs that use .venv"),
)


class CannotInstall(Exception):
    """One line for the learner: the rule, the value, the likely cause, what to do."""


def fingerprint():
    """A digest of all that decides what .venv holds; the folder counts, since a .venv cannot be moved."""
    digest = hashlib.sha256(ROOT.encode("utf-8"))
    for name in ("requirements.txt", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamp():
    """What the last installation left: a fingerprint, UNFINISHED, or nothing."""
    if not os.path.exists(STAMP):
        return ""
    with open(STAMP) as file:
        return file.read().strip()


def write_stamp(text):
    with open(STAMP, "w") as file:
        file.write(text + "\n")


def venv_python():
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(VENV, folder, name)


def check_python():
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise CannotInstall(
            "Python must be 3.11 or newer, but this is %d.%d (%s): "
            "install a newer one, or name one you have: make lab PYTHON=/path/to/python3.12"
            % (sys.version_info[0], sys.version_info[1], sys.executable)
        )


def check_venv_module():
    """Debian and Ubuntu ship Python without the parts that make a venv."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise CannotInstall(
            "Python must have its venv module, but %s lacks %s: "
            "on Debian or Ubuntu run: sudo apt install python3-venv" % (sys.executable, error.name)
        ) from error


def check_disk():
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < GIGABYTES:
        raise CannotInstall(
            "The packages need %d GB of disk, but %.1f GB are free in %s: free some space, then run this again"
            % (GIGABYTES, free, ROOT)
        )


def make_venv():
    """Begin .venv afresh when an earlier run was interrupted or its Python is gone."""
    if stamp() == UNFINISHED or not os.path.exists(venv_python()):
        check_disk()
        print("Making .venv with Python %s" % sys.version.split()[0], flush=True)
        if os.path.isdir(VENV):
            shutil.rmtree(VENV)
        os.makedirs(VENV)
        write_stamp(UNFINISHED)
        import venv

        venv.create(VENV, with_pip=True)


def progress(line):
    """The short line to show for a line of pip's, or None."""
    download = re.match(r"\s*(?:Downloading|Using cached) ([^/\s]+?)-(\d[^-\s]*)\S* \((.+ [MG]B)\)", line)
    if download:
        return "  %s %s (%s)" % download.groups()
    if line.startswith("Installing collected packages"):
        return "Unpacking %d packages: a minute or two" % (line.count(",") + 1)
    return None


def likely_cause(log):
    for pattern, cause in CAUSES:
        if re.search(pattern, log):
            return cause
    errors = [line.strip() for line in log.splitlines() if line.startswith("ERROR")]
    return errors[-1] if errors else "pip was stopped"


def run_pip(command):
    """Run pip, keep its words in the log, show the few that tell how far it is."""
    lines = []
    with open(LOG, "w", encoding="utf-8") as log:
        pip = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for raw in pip.stdout:
            line = raw.decode("utf-8", "replace")
            log.write(line)
            lines.append(line)
            if progress(line):
                print(progress(line), flush=True)
    return pip.wait(), "".join(lines)


def install_packages():
    print("Installing what requirements.txt pins (once; some minutes)", flush=True)
    command = [venv_python(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    code, log = run_pip(command + ["-r", os.path.join(ROOT, "requirements.txt")])
    if code != 0:
        raise CannotInstall(
            "pip must install everything in requirements.txt, but ended with code %d: %s, "
            "then run this again; pip's own words are in %s" % (code, likely_cause(log), LOG)
        )


def install():
    """Bring .venv up to date; nothing happens when its stamp says that it is."""
    check_python()
    wanted = fingerprint()
    if stamp() == wanted and os.path.exists(venv_python()):
        return
    check_venv_module()
    make_venv()
    before = stamp()
    write_stamp(UNFINISHED)
    try:
        install_packages()
    except CannotInstall:
        write_stamp(before)  # pip ended by itself: what .venv held before is whole
        raise
    write_stamp(wanted)
    print("Installed in %s" % VENV, flush=True)


def main():
    try:
        install()
    except KeyboardInterrupt:
        sys.exit("Stopped before the end; run this again and it begins afresh")
    except CannotInstall as error:
        sys.exit(str(error))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(
            "The folder %s must be writable and .venv not in use, but: %s; "
            "close programs that use it, or delete .venv, then run this again" % (ROOT, error)
        )


if __name__ == "__main__":
    main()
