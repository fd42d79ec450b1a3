"""The rules of the house for Python files, each a function from a file's path and tree to its breaches."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

# The reference modules in the order of the lessons; each may import those before it.
REFERENCES = [
    "arrays", "sequences", "seq2seq", "embedding", "attention", "multi_head", "positions", "blocks", "transformer",
    "fused", "skips", "tokenizer", "checkpoint", "muon", "training", "translation", "doubt", "own_translator", "bleu",
    "alignment", "decoding", "kv_cache",
    "pretraining", "addition", "gpt", "max_entropy", "bert", "llama", "marian", "tagging", "taggers", "text_cnn",
]  # fmt: skip
ENGINE = "judging"
GIVEN_FROM = {
    "page": 4,
    "mine": 8,
    "fused": 9,
    "skips": 9,
    "muon": 9,
    "translation": 9,
    "doubt": 9,
    "own_translator": 9,
    "alignment": 9,
    "pretraining": 11,
    "addition": 11,
    "pretrained": 11,
    "marian": 13,
    "taggers": 13,
}  # modules without exercises, and the first lesson that may use them
GIVEN = {"corpus", "plots", "progress"}
NOTEBOOK_TOOLS = {"jupytext", "nbclient", "nbgrader", "nbformat", "jupyter_client", "traitlets"}
GENERATED = {"notebooks", "solutions"}
BIBLIOGRAPHY = "course/lessons/bibliography.md"
HOUSE_FILES = (
    "README.md", "Makefile", "pyproject.toml", "environment.yml", "requirements.in", "requirements.txt",
    "requirements-test.in", "requirements-test.txt", ".devcontainer/devcontainer.json", ".github/workflows/test.yml",
    "binder/requirements.txt", "binder/start", "binder/postBuild", BIBLIOGRAPHY,
)  # fmt: skip
PRINTING = {
    "course/__main__.py",
    "course/checks/__init__.py",
    "course/checks/predict.py",
    "course/classroom/learner/install.py",
    "course/classroom/teacher/command.py",
}
EDIT_PATH = {"course/grading/inside/shell.py"}  # in the sandbox a notebook finds the files that came along with it
ALLOWED_URLS = (
    "http://127.0.0.1", "https://arxiv.org/", "https://doi.org/", "https://nbgrader.readthedocs.io",
    # where a public copy is tried: whose it is, its reader puts in
    "https://mybinder.org/v2/gh/OWNER/REPOSITORY/", "https://colab.research.google.com/github/OWNER/REPOSITORY/",
    "https://github.com/OWNER/REPOSITORY",
)  # fmt: skip
# Where works can be read that have neither a DOI nor a preprint: their publishers, and blogs of their authors.
WHERE_WORKS_ARE = (
    "aclanthology.org", "proceedings.neurips.cc", "proceedings.mlr.press", "jmlr.org", "dl.acm.org", "cdn.openai.com",
    "www.deeplearningbook.org", "www.manning.com", "wals.info", "research.google", "people.idsia.ch",
    "nlp.seas.harvard.edu", "transformer-circuits.pub", "jalammar.github.io", "kellerjordan.github.io",
    "github.com",
)  # fmt: skip
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
MOST_LINES, MOST_COLUMNS, MOST_STATEMENTS, MOST_ARGUMENTS = 400, 100, 20, 7
# files of more lines -> the one idea that they hold
LONG_ALL_THE_SAME = {
    "tests/corpus/test_constructions.py": "a table of the grammar's constructions, with sentences",
    "tests/checks/blocks/wrong.py": "wrong answers, one after the other",
    "tests/checks/positions/wrong.py": "wrong answers, one after the other",
    "tests/checks/transformer/wrong.py": "wrong answers, one after the other",
    "tests/checks/gpt/wrong.py": "wrong answers, one after the other",
    "tests/checks/attention/wrong.py": "wrong answers, one after the other",
    "tests/checks/embedding/wrong.py": "wrong answers, one after the other",
    "tests/checks/bert/wrong.py": "wrong answers, one after the other",
    "tests/checks/sequences/wrong.py": "wrong answers, one after the other",
    "tests/hostile/accident.py": "submissions, one after the other",
    "tests/hostile/harm.py": "submissions, one after the other",
    "tests/hostile/steal_answers.py": "submissions, one after the other",
    "tests/hostile/steal_machine.py": "submissions, one after the other",
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Every imported module; of `from course import plots` also course.plots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from [f"{module}.{name.name}" for name in node.names] if module == "course" else [module]


def named_modules(tree: ast.AST) -> set[str]:
    """The modules of course that are imported,
    `from course.checks import judge` and "course.plots" in a text among them."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return {name for name in found if name.startswith("course")}


def of_course(tree: ast.AST) -> list[str]:
    """The parts of course that are imported: 'attention', 'checks.exercise'."""
    return [name.removeprefix("course.") for name in imports(tree) if name.startswith("course.")]


def reference_imports(path: Path, tree: ast.AST) -> list[str]:
    """1. A reference module imports the standard library, numpy, torch and reference modules of earlier lessons."""
    if path.parent.name != "course" or path.stem not in REFERENCES:
        return []
    earlier = [*REFERENCES[: REFERENCES.index(path.stem)], "moved"]
    allowed = {*sys.stdlib_module_names, "numpy", "torch", *(f"course.{name}" for name in earlier)}
    return [name for name in imports(tree) if name not in allowed and name.partition(".")[0] not in allowed]


def given_imports(path: Path, tree: ast.AST) -> list[str]:
    """2. What is given to the learner imports nothing of course, but its own parts."""
    parts = path.with_suffix("").parts
    owner = next((name for name in GIVEN if name in parts and "course" in parts), None)
    return [name for name in of_course(tree) if name.partition(".")[0] != owner] if owner else []


def check_imports(path: Path, tree: ast.AST) -> list[str]:
    """3. The engine imports nothing of course but itself; checks import it and reference modules, nothing above."""
    folder = path.parts[1] if path.parts[0] == "course" else ""
    allowed = {ENGINE: {ENGINE}, "checks": {*REFERENCES, ENGINE, "checks"}}.get(folder)
    return [name for name in of_course(tree) if allowed and name.partition(".")[0] not in allowed]


def top_imports(path: Path, tree: ast.AST) -> list[str]:
    """4. The classroom alone uses notebook tools, only __main__ and it import it; nothing imports what is generated."""
    if "tests" in path.parts:
        return []
    on_top = "classroom" in path.parts or path.name == "__main__.py"
    below = set() if on_top else {*NOTEBOOK_TOOLS, "course.classroom", "course.__main__"}
    never = {*GENERATED, "course.lessons", "tests"}
    return [name for name in imports(tree) if any((name + ".").startswith(one + ".") for one in below | never)]


def bench_imports(path: Path, tree: ast.AST) -> list[str]:
    """5. The bench takes reference modules, the corpus and transformers; its pupils also the checks and the engine.
    __main__ alone imports it."""
    if "tests" in path.parts or path.name == "__main__.py":
        return []
    if path.parent.name != "bench":
        return [name for name in imports(tree) if (name + ".").startswith("course.bench.")]
    allowed = {*sys.stdlib_module_names, "torch", "transformers", "course"}
    others = [name for name in imports(tree) if name.partition(".")[0] not in allowed]
    ours = {*REFERENCES, "corpus", "bench", *(["checks", ENGINE] if path.name == "pupils.py" else [])}
    return others + [name for name in of_course(tree) if name.partition(".")[0] not in ours]


def pretrained_imports(path: Path, tree: ast.AST) -> list[str]:
    """6. The loaders take torch, reference modules and each other; __main__, and lessons, import them."""
    if "tests" in path.parts or path.name == "__main__.py":
        return []
    if path.parent.name != "pretrained":
        return [name for name in imports(tree) if (name + ".").startswith("course.pretrained.")]
    allowed = {*sys.stdlib_module_names, "torch", "course"}
    others = [name for name in imports(tree) if name.partition(".")[0] not in allowed]
    return others + [name for name in of_course(tree) if name.partition(".")[0] not in {*REFERENCES, "pretrained"}]


def page_imports(path: Path, tree: ast.AST) -> list[str]:
    """9. The page takes torch, anywidget, reference modules, the corpus and itself; classroom, lessons and __main__
    import it."""
    if "tests" in path.parts:
        return []
    if path.parent.name != "page":
        above = "classroom" in path.parts or path.name == "__main__.py"
        return [name for name in of_course(tree) if (name + ".").startswith("page.") and not above]
    allowed = {*sys.stdlib_module_names, "torch", "anywidget", "course"}
    others = [name for name in imports(tree) if name.partition(".")[0] not in allowed]
    return others + [name for name in of_course(tree) if name.partition(".")[0] not in {*REFERENCES, "corpus", "page"}]


def grading_imports(path: Path, tree: ast.AST) -> list[str]:
    """7. The grader takes engine and checks, its inside the engine alone; classroom and __main__ import it."""
    if "tests" in path.parts:
        return []
    parts = path.parts[1:3]
    if parts[:1] != ("grading",):
        above = "classroom" in path.parts or path.name == "__main__.py"
        return [name for name in of_course(tree) if name.startswith("grading") and not above]
    below = {"grading.inside", ENGINE} if parts[1] == "inside" else {"grading", ENGINE, "checks"}
    return [name for name in of_course(tree) if not any((name + ".").startswith(one + ".") for one in below)]


def star_imports(path: Path, tree: ast.AST) -> list[str]:
    """No star imports; a relative import stays inside its own package, whatever the rules above."""
    level = 1 if path.parent.name != "course" else 0
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [ast.unparse(node) for node in froms if node.level > level or any(name.name == "*" for name in node.names)]


def path_edits(path: Path, tree: ast.AST) -> list[str]:
    """No edits of sys.path."""
    if path.as_posix() in EDIT_PATH:
        return []
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path"
    ]


def prints(path: Path, tree: ast.AST) -> list[str]:
    """Only check, reveal and the command line print."""
    if path.as_posix() in PRINTING or "tests" in path.parts or "lessons" in path.parts:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [ast.unparse(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def long_functions(path: Path, tree: ast.AST) -> list[str]:
    """A function has fewer than twenty statements, its docstring aside, however many lines its layout takes."""
    if "tests" in path.parts or "lessons" in path.parts:
        return []
    counted = {node.name: n_statements(node) for node in functions(tree)}
    return [f"{name}: {count}" for name, count in counted.items() if count >= MOST_STATEMENTS]


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def n_statements(function: ast.FunctionDef) -> int:
    """Those of nested blocks and functions too."""
    docstring = ast.get_docstring(function) is not None
    return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1 - docstring


def long_constructors(path: Path, tree: ast.AST) -> list[str]:
    """A constructor has fewer than seven arguments, self aside."""
    inits = [node for node in functions(tree) if node.name == "__init__"]
    return [
        f"line {one.lineno}" for one in inits if len(one.args.args) - 1 + len(one.args.kwonlyargs) >= MOST_ARGUMENTS
    ]


def module_docstring(path: Path, tree: ast.AST) -> list[str]:
    """A module's docstring begins with one sentence, in one line."""
    first = (ast.get_docstring(tree) or "").partition("\n")[0]
    return [] if re.fullmatch(r"[^.?!]+([.][a-z_\d][^.?!]*)*[.?!]", first) else [first or "no docstring"]


def public_docstrings(path: Path, tree: ast.AST) -> list[str]:
    """In reference modules every public function, class and method has a docstring."""
    if path.parent.name != "course" or path.stem not in REFERENCES:
        return []
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    nodes = [
        node for owner in [tree, *classes] for node in owner.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    ]
    return [node.name for node in nodes if not node.name.startswith("_") and not ast.get_docstring(node)]


TREE_RULES = (
    reference_imports, given_imports, check_imports, top_imports, bench_imports, pretrained_imports,
    page_imports, grading_imports, star_imports, path_edits, prints, long_functions, long_constructors,
    module_docstring, public_docstrings,
)  # fmt: skip


def long_file(path: Path, text: str) -> list[str]:
    """Past 400 lines a file usually holds two ideas: split it where one ends, or say here which one it is."""
    n_lines = len(text.splitlines())
    asked = n_lines > MOST_LINES and path.parent.name != "lessons" and path.as_posix() not in LONG_ALL_THE_SAME
    return [f"{n_lines} lines"] if asked else []


def wide_for_learners(path: Path, text: str) -> list[str]:
    """What a learner reads has at most 100 columns: references, plots, progress; lessons have a rule of their own."""
    read = path.parent.name in ("course", "plots") and not path.name.startswith("__")
    return [f"line {number}" for number, line in enumerate(text.splitlines(), 1) if read and len(line) > MOST_COLUMNS]


def unfinished(path: Path, text: str) -> list[str]:
    """Nothing is left to be done."""
    return re.findall(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b", text)


def emoji(path: Path, text: str) -> list[str]:
    """No emoji."""
    return EMOJI.findall(text)


def addresses(path: Path, text: str) -> list[str]:
    """No address but those of papers and of this computer; in the bibliography also those of publishers."""
    if path.parent.as_posix() == "tests/hostile":  # whose addresses lead nowhere
        return []
    publishers = WHERE_WORKS_ARE if path.as_posix() == BIBLIOGRAPHY else ()
    allowed = (*ALLOWED_URLS, *("https:" + f"//{host}/" for host in publishers))
    return [url for url in re.findall(r"https?://[^\s\"')>\]]+", text) if not url.startswith(allowed)]


TEXT_RULES = (long_file, wide_for_learners, unfinished, emoji, addresses)
