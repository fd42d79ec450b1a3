"""Install: does this computer have a .venv with exactly what is pinned, and if not, make it so.

    python install.py             what a learner needs
    python install.py maintainer  what tests, builds and the bench need on top
    python install.py suits       nothing: is this Python new enough, and not too new?

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
PINS = {"learner": ["requirements.txt"], "maintainer": ["requirements.txt", "requirements-test.txt"]}
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
        "no ready-made package for this Python or computer; use a 64-bit Python "
        "(on a Mac: Apple silicon and macOS 14 or newer)",
    ),
    (r"Permission denied|Access is denied", "no permission; close programs that use .venv"),
)


class CannotInstall(Exception):
    """One line for the learner: the rule, the value, the likely cause, what to do."""


def fingerprint(part):
    """A digest of all that decides what .venv holds; the folder counts, since a .venv cannot be moved."""
    digest = hashlib.sha256(ROOT.encode("utf-8"))
    for name in PINS[part] + ["pyproject.toml"]:
        digest.update(read(name).encode("utf-8"))
    return digest.hexdigest()


def fingerprints(part):
    """Of this part and of those that it contains: a maintainer's .venv is a learner's too."""
    return [fingerprint(other) for other in PINS if set(PINS[other]) <= set(PINS[part])]


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def stamp():
    """What the last installation left: fingerprints, UNFINISHED, or nothing."""
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


def pythons():
    """The oldest and the newest Python 3 that suit: (11, 13) where pyproject.toml says ">=3.11,<3.14"."""
    oldest, too_new = re.search(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', read("pyproject.toml"), re.M).groups()
    return int(oldest), int(too_new) - 1


def check_python():
    oldest, newest = pythons()
    if not (3, oldest) <= sys.version_info[:2] <= (3, newest):
        raise CannotInstall(
            "Python must be 3.%d to 3.%d, but this is %d.%d (%s): "
            "install one of these, or name one you have: make lab PYTHON=/path/to/python3.%d"
            % (oldest, newest, sys.version_info[0], sys.version_info[1], sys.executable, oldest + 1)
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
    if UNFINISHED in stamp() or not os.path.exists(venv_python()):
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


def install_packages(part):
    names = " and ".join(PINS[part])
    print("Installing what is pinned in %s (once; some minutes)" % names, flush=True)
    command = [venv_python(), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    for name in PINS[part]:
        command += ["-r", os.path.join(ROOT, name)]
    code, log = run_pip(command)
    if code != 0:
        raise CannotInstall(
            "pip must install everything in %s, but ended with code %d: %s, "
            "then run this again; pip's own words are in %s" % (names, code, likely_cause(log), LOG)
        )


def install(part):
    """Bring .venv up to date; nothing happens when its stamp says that it is."""
    check_python()
    if fingerprint(part) in stamp() and os.path.exists(venv_python()):
        return
    check_venv_module()
    make_venv()
    before = stamp()
    write_stamp(UNFINISHED)
    try:
        install_packages(part)
    except CannotInstall:
        write_stamp(before)  # pip ended by itself: what .venv held before is whole
        raise
    write_stamp("\n".join(fingerprints(part)))
    print("Installed in %s" % VENV, flush=True)


def main(wish="learner"):
    if wish not in PINS and wish != "suits":
        sys.exit("There is no part %r to install; there are: %s" % (wish, ", ".join(PINS)))
    try:
        check_python() if wish == "suits" else install(wish)
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
    main(*sys.argv[1:])
