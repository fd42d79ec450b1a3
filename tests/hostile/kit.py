"""The kit: how a submission is declared, the notebooks that it is made of, and where to look for harm done.

A submission is a function that fills `submitted/STUDENT/04_self_attention/`. Filling executes no payload: payloads are
texts in cells. What a payload may touch outside its own folder is a new file of `marker(folder)`, or the folder of the
course that `root_of(folder)` gives, which is never one under version control."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import textwrap
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import nbformat

CATEGORIES = ("steal", "harm", "leak", "hold", "broken", "accident")
LESSON = "04_self_attention"
NOTEBOOK = f"{LESSON}.ipynb"
POINTS = {
    "attention_for_one_query": 2, "attention_scores": 1, "masked_softmax": 3, "scaled_dot_product_attention": 2,
    "causal_mask": 1, "padding_mask": 1, "SelfAttention": 3,
}  # fmt: skip
ALL, NONE = tuple(POINTS), ()
WRONG = {
    "attention_for_one_query": "def attention_for_one_query(query, keys, values):\n    return values.mean(dim=0)",
    "attention_scores": "def attention_scores(query, key):\n    return query @ key.transpose(-2, -1)",
    "masked_softmax": "def masked_softmax(scores, mask=None):\n    return scores.softmax(dim=-1)",
    "scaled_dot_product_attention": (
        "def scaled_dot_product_attention(query, key, value, mask=None):\n"
        "    return value.mean(dim=-2, keepdim=True).expand(*query.shape[:-1], value.shape[-1]).clone()"
    ),
    "causal_mask": "def causal_mask(n_positions):\n    return torch.ones(n_positions, n_positions, dtype=torch.bool)",
    "padding_mask": "def padding_mask(tokens, pad=0):\n    return (tokens > pad)[:, None, None, :]",
    "SelfAttention": """class SelfAttention(nn.Module):
    def __init__(self, d_model, d_k, d_v):
        super().__init__()
        self.w_q = nn.Linear(d_model, d_k, bias=False)
        self.w_k = nn.Linear(d_model, d_k, bias=False)
        self.w_v = nn.Linear(d_model, d_v, bias=False)

    def forward(self, x, mask=None):
        return self.w_v(x)""",
}
SOLUTION_MARK = re.compile(r"^ *### (BEGIN|END) SOLUTION\n?", re.MULTILINE)


def but(*names: str) -> tuple[str, ...]:
    """All exercises except these."""
    return tuple(name for name in ALL if name not in names)


class World(Protocol):
    """What a probe sees after grading: the teacher's folder, what was made of the submission, the secret."""

    root: Path
    feedback: Path
    autograded: Path
    secret: str

    def processes(self) -> list[str]:
        """The command lines of all living processes."""


Probe = Callable[[World], "str | None"]
Fill = Callable[[Path, "Lesson"], "Probe | None"]


@dataclass(frozen=True)
class Submission:
    """One submission, and how its grading must end."""

    category: str
    fill: Fill
    right: tuple[str, ...]
    ends: str
    suspicious: bool

    @property
    def name(self) -> str:
        return self.fill.__name__

    @property
    def points(self) -> int:
        """The points that must come out."""
        return sum(POINTS[name] for name in self.right)


SUBMISSIONS: dict[str, Submission] = {}


def submission(
    category: str, right: tuple[str, ...] = NONE, ends: str = "graded", suspicious: bool = False
) -> Callable[[Fill], Fill]:
    """Declare the function below as a submission: which exercises are right in it, and how its grading ends.

    ends: "graded", "human" where a person must look, "either" where both are in order (points then count only where it
    was graded)."""
    if category not in CATEGORIES or ends not in ("graded", "human", "either") or not set(right) <= set(ALL):
        raise ValueError(f"not a submission: {category}, {right}, {ends}")

    def declare(fill: Fill) -> Fill:
        if fill.__name__ in SUBMISSIONS:
            raise ValueError(f"two submissions are called {fill.__name__}")
        SUBMISSIONS[fill.__name__] = Submission(category, fill, right, ends, suspicious)
        return fill

    return declare


class Notebook:
    """A notebook as a dict, with the changes that submissions make to it; each change returns the notebook."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.content["cells"]

    def at(self, cell_id: str) -> int:
        """The place of the first cell with that id."""
        return next(index for index, cell in enumerate(self.cells) if cell.get("id") == cell_id)

    def cell(self, cell_id: str) -> dict[str, Any]:
        return self.cells[self.at(cell_id)]

    def source(self, cell_id: str) -> str:
        return self.cell(cell_id)["source"]

    def answer(self, cell_id: str, source: str) -> Notebook:
        """Another text for that cell, such as the answer to the exercise of that name."""
        self.cell(cell_id)["source"] = textwrap.dedent(source).strip("\n")
        return self

    def answers(self, **sources: str) -> Notebook:
        """Several answers at once."""
        for name, source in sources.items():
            self.answer(name, source)
        return self

    def insert_after(self, cell_id: str, source: str, kind: str = "code", **fields: Any) -> Notebook:
        """A new cell behind that one; `fields` replace those of the cell (id=, metadata=, outputs= ...)."""
        self.cells.insert(self.at(cell_id) + 1, new_cell(source, kind, **fields))
        return self

    def insert_before(self, cell_id: str, source: str, kind: str = "code", **fields: Any) -> Notebook:
        """A new cell before that one."""
        self.cells.insert(self.at(cell_id), new_cell(source, kind, **fields))
        return self

    def append(self, source: str, kind: str = "code", **fields: Any) -> Notebook:
        """A new cell at the end."""
        self.cells.append(new_cell(source, kind, **fields))
        return self

    def remove(self, *cell_ids: str) -> Notebook:
        """Without these cells."""
        for cell_id in cell_ids:
            del self.cells[self.at(cell_id)]
        return self

    def move(self, cell_id: str, after: str) -> Notebook:
        """That cell behind the other."""
        cell = self.cells.pop(self.at(cell_id))
        self.cells.insert(self.at(after) + 1, cell)
        return self

    def edit(self, change: Callable[[dict[str, Any]], Any]) -> Notebook:
        """Whatever the function does to the notebook's dict."""
        change(self.content)
        return self

    def copy(self) -> Notebook:
        """The same notebook, which shares nothing with this one."""
        return Notebook(copy.deepcopy(self.content))

    def text(self) -> str:
        """The notebook as it stands in a file."""
        return json.dumps(self.content, indent=1, ensure_ascii=False) + "\n"

    def write(self, folder: Path, name: str = NOTEBOOK) -> Path:
        """Write it into the folder, which is made where there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(self.text(), encoding="utf-8")
        return path


def new_cell(source: str, kind: str = "code", **fields: Any) -> dict[str, Any]:
    """A cell as Jupyter makes it."""
    cell: dict[str, Any] = {"cell_type": kind, "id": uuid.uuid4().hex[:8], "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": textwrap.dedent(source).strip("\n")} | fields


class Lesson:
    """The lesson as the project at `root` hands it out, and solved."""

    name = LESSON

    def __init__(self, root: Path) -> None:
        self.root = root

    def released(self) -> Notebook:
        """As the learner gets it."""
        return self.read("notebooks")

    def solved(self) -> Notebook:
        """As handed out, with every answer right."""
        notebook = self.released()
        for name in ALL:
            notebook.answer(name, self.solution(name))
        return notebook

    def solution(self, name: str) -> str:
        """The right answer to that exercise."""
        return SOLUTION_MARK.sub("", self.read("solutions").source(name))

    def guessed(self, *right: str) -> Notebook:
        """Every answer runs and gives something of the right kind, but only these are right."""
        return self.solving(*right).answers(**{name: wrong for name, wrong in WRONG.items() if name not in right})

    def solving(self, *names: str) -> Notebook:
        """As handed out, with these answers alone right."""
        notebook = self.released()
        for name in names:
            notebook.answer(name, self.solution(name))
        return notebook

    def read(self, tree: str) -> Notebook:
        content = nbformat.read(self.root / tree / LESSON / NOTEBOOK, as_version=4)
        return Notebook(json.loads(json.dumps(content)))


def root_of(folder: Path) -> Path:
    """The folder of the course in which this submission lies, for payloads that attack it: one made for a test."""
    root = folder.resolve().parents[2]
    if (root / ".git").exists():
        raise ValueError(f"{root} is under version control: payloads must not know it")
    return root


def marker(folder: Path) -> Path:
    """A file in /tmp that only a payload of this submission makes: where it is there, the payload came out."""
    return Path("/tmp") / f"came_out_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"


def came_out(folder: Path) -> Probe:
    """The probe that finds the marker, and takes it away."""
    path = marker(folder)

    def probe(world: World) -> str | None:
        for found in (path, world.root / path.name, Path("/usr") / path.name):
            if found.exists() or found.is_symlink():
                found.unlink()
                return f"{found} was written from inside"
        return None

    return probe


def secret_shown(world: World) -> str | None:
    """Where the secret stands in what comes back: plain, backwards, as hex or as base64."""
    return next((f"the secret stands in {path}" for path in shown(world, *spellings(world.secret))), None)


def text_shown(*texts: str) -> Probe:
    """The probe that finds one of these texts in what comes back."""

    def probe(world: World) -> str | None:
        return next((f"what must stay hidden stands in {path}" for path in shown(world, *texts)), None)

    return probe


def spellings(secret: str) -> list[str]:
    """The secret, and simple ways to write it so that nobody finds it by searching."""
    raw = secret.encode()
    middles = [base64.b64encode(b" " * skip + raw).decode()[4:-4] for skip in range(3)]
    return [secret, secret[::-1], raw.hex(), *middles]


def shown(world: World, *texts: str) -> Iterator[Path]:
    """The files that come back to the learner, or go to the gradebook's folder, in which one of the texts stands."""
    for folder in (world.feedback, world.autograded):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and any(text.encode() in path.read_bytes() for text in texts):
                yield path


def unchanged(*paths: Path) -> Probe:
    """The probe that finds a change of these files since the submission was filled; of a folder the names in it."""
    before = [fingerprint(path) for path in paths]

    def probe(world: World) -> str | None:
        changed = [path for path, known in zip(paths, before, strict=True) if fingerprint(path) != known]
        return f"changed: {', '.join(map(str, changed))}" if changed else None

    return probe


def fingerprint(path: Path) -> str:
    """What tells whether a file or folder was changed."""
    if path.is_symlink():
        return f"link to {path.readlink()}"
    if path.is_dir():
        return " ".join(sorted(child.name for child in path.iterdir() if child.name != "__pycache__"))
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "nothing"


def no_process(text: str) -> Probe:
    """The probe that finds a living process with that text in its command line."""

    def probe(world: World) -> str | None:
        left = [line for line in world.processes() if text in line]
        return f"still running: {left[0][:200]}" if left else None

    return probe


def first_of(*probes: Probe) -> Probe:
    """The probe that says what the first of these has to say."""
    return lambda world: next((said for probe in probes if (said := probe(world))), None)
