"""Bundle: several JavaScript modules as one script, without a tool of anybody's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";$', re.MULTILINE)
PASSED_ON = re.compile(r'^export \{([^}]*)\} from "\./([\w.]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
UNKNOWN_FORM = re.compile(r"^(?:import|export)\b.*|</script|<!--", re.MULTILINE | re.IGNORECASE)


def bundle(folder: Path, entry: str) -> str:
    """The module `entry` and all that it needs, in one script; modules[entry] then holds what it exports.

    Each becomes a function of its own, run once, after those that it imports; no module sees another's names. Of
    JavaScript's forms these are known: import { a, b as c } from "./x.js"; the same with export; export before a
    function, class or const. ValueError where there is another, a circle, or what would end a script element."""
    sources: dict[str, str] = {}
    gather(folder, entry, sources, ())
    return "const modules = {};\n" + "".join(wrapped(name, source) for name, source in sources.items())


def gather(folder: Path, name: str, sources: dict[str, str], above: Sequence[str]) -> None:
    """Put the module behind all that it imports."""
    if name in above:
        raise ValueError(f"modules import each other in a circle: {' > '.join([*above, name])}")
    if name in sources:
        return
    source = (folder / name).read_text(encoding="utf-8")
    for form in (IMPORT, PASSED_ON):
        for _, other in form.findall(source):
            gather(folder, other, sources, [*above, name])
    sources[name] = source


def wrapped(name: str, source: str) -> str:
    """The module as a function that is called at once, and what it exports under its name."""
    exported = {one: one for one in EXPORT.findall(source)}
    for names, other in PASSED_ON.findall(source):
        exported |= {known_as: f'modules["{other}"].{one}' for one, known_as in renamed(names).items()}
    body = IMPORT.sub(lambda found: f'const {as_object(renamed(found[1]))} = modules["{found[2]}"];', source)
    body = EXPORT.sub("", PASSED_ON.sub("", body))
    if left := UNKNOWN_FORM.search(body):
        raise ValueError(f"{name}: a form that the bundle does not know: {left[0]!r}")
    return f'modules["{name}"] = (() => {{\n{body}return {as_object(exported)};\n}})();\n'


def renamed(names: str) -> dict[str, str]:
    """'a, b as c' -> {'a': 'a', 'b': 'c'}"""
    pairs = [one.split(" as ") for one in names.replace("\n", " ").split(",") if one.strip()]
    return {pair[0].strip(): pair[-1].strip() for pair in pairs}


def as_object(pairs: Mapping[str, str]) -> str:
    """{'a': 'a', 'b': 'c'} -> '{ a, b: c }'"""
    return f"{{ {', '.join(one if one == other else f'{one}: {other}' for one, other in pairs.items())} }}"
