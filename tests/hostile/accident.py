"""Submissions of honest people: what happened to them by accident, or by habit, must cost them nothing."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

from .kit import ALL, LESSON, NOTEBOOK, Lesson, but, new_cell, submission

# The file


@submission("accident", right=ALL)
def nothing_happened(folder: Path, lesson: Lesson) -> None:
    """Is solved, with nothing else about it."""
    lesson.solved().write(folder)


@submission("accident", right=("attention_scores", "causal_mask"))
def not_finished(folder: Path, lesson: Lesson) -> None:
    """Has two answers, and is as handed out otherwise."""
    lesson.solving("attention_scores", "causal_mask").write(folder)


@submission("accident", right=ALL)
def byte_order_mark(folder: Path, lesson: Lesson) -> None:
    """Was saved by an editor that puts a byte order mark first, and carriage returns at the ends of lines."""
    path = lesson.solved().write(folder)
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n"))


@submission("accident", right=ALL)
def half_an_emoji(folder: Path, lesson: Lesson) -> None:
    """Has the first half of an emoji in a comment, in an output and in prose, where something cut the text."""
    notebook = lesson.solved().insert_after("setup", "note = 'nice __HALF__'  # __HALF__")
    notebook.insert_after("question", "well __HALF__", kind="markdown")
    notebook.cell("map")["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "__HALF__\n"}]
    path = notebook.write(folder)
    path.write_text(path.read_text(encoding="utf-8").replace("__HALF__", "\\ud83d"), encoding="utf-8")


@submission("accident", right=ALL)
def prints_half_an_emoji(folder: Path, lesson: Lesson) -> None:
    """Prints and returns text that cannot be written as UTF-8, and bytes of a terminal."""
    payload = """
        import sys

        print("half: \\ud83d, bell: \\x07, colour: \\x1b[31mred\\x1b[0m, zero: \\x00")
        print("\\udcff", file=sys.stderr)
        "\\ud83d"
    """
    lesson.solved().insert_before("SelfAttention", payload).write(folder)


@submission("accident", right=ALL)
def lines_as_they_are_stored(folder: Path, lesson: Lesson) -> None:
    """Was saved by another program: sources as lists of lines, other indents, keys in another order."""
    notebook = lesson.solved()
    for cell in notebook.cells:
        cell["source"] = cell["source"].splitlines(keepends=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).write_text(json.dumps(notebook.content, sort_keys=True), encoding="ascii")


@submission("accident", right=ALL)
def renamed_by_the_browser(folder: Path, lesson: Lesson) -> None:
    """Was downloaded a second time, which gave it another name."""
    lesson.solved().write(folder, f"{LESSON} (1).ipynb")


@submission("accident", right=ALL)
def older_copies_beside_it(folder: Path, lesson: Lesson) -> None:
    """Lies beside checkpoints, an empty notebook, a copy from last week and the files of three systems."""
    lesson.solved().write(folder)
    lesson.released().write(folder / ".ipynb_checkpoints", f"{LESSON}-checkpoint.ipynb")
    lesson.solving("causal_mask").write(folder, f"{LESSON}-Copy1.ipynb")
    empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "Untitled.ipynb").write_text(json.dumps(empty))
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "notes.docx", f"._{NOTEBOOK}"):
        (folder / name).write_bytes(b"\x00\x05\x16\x07")


@submission("accident", ends="either", right=ALL)
def one_folder_too_many(folder: Path, lesson: Lesson) -> None:
    """Came out of an archive that had a folder of the same name inside."""
    lesson.solved().write(folder / LESSON)


@submission("accident", right=ALL)
def saved_by_colab(folder: Path, lesson: Lesson) -> None:
    """Was worked on in Colab, which keeps ids in the metadata, adds its own, and writes an older format."""
    notebook = lesson.solved()
    for cell in notebook.cells:
        cell["metadata"] |= {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost:8080/", "height": 35}}
        cell["metadata"] |= {"outputId": "0a1b2c3d", "executionInfo": {"status": "ok", "elapsed": 5, "user": {}}}
    notebook.content |= {"nbformat_minor": 0}
    notebook.content["metadata"] = {
        "colab": {"provenance": [], "gpuType": "T4"}, "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"},
    }  # fmt: skip
    notebook.write(folder)


@submission("accident", right=ALL)
def saved_by_an_older_jupyter(folder: Path, lesson: Lesson) -> None:
    """Has lost its cells' ids, and says that it was made with a kernel that nobody else has."""
    notebook = lesson.solved()
    for cell in notebook.cells:
        del cell["id"]
    notebook.content["nbformat_minor"] = 2
    kernel = {"name": "my_env", "display_name": "Python (my env)", "language": "python"}
    notebook.content["metadata"] = {"kernelspec": kernel, "language_info": {"name": "python", "version": "2.7.18"}}
    notebook.write(folder)


@submission("accident", right=ALL)
def ids_made_anew(folder: Path, lesson: Lesson) -> None:
    """Has new ids in all its cells, since it was pasted into a new notebook; the metadata came along."""
    notebook = lesson.solved()
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{number:08x}"
    notebook.write(folder)


@submission("accident", right=ALL)
def without_the_graders_metadata(folder: Path, lesson: Lesson) -> None:
    """Has been through a program that throws away all metadata, and kept the ids."""
    notebook = lesson.solved()
    for cell in notebook.cells:
        cell["metadata"] = {}
    notebook.content["metadata"] = {}
    notebook.write(folder)


# The cells


@submission("accident", right=ALL)
def answer_copied(folder: Path, lesson: Lesson) -> None:
    """Has an answer twice, with id and metadata: first as handed out, then written."""
    notebook = lesson.solved()
    for name in ("masked_softmax", "SelfAttention"):
        stub = lesson.released().cell(name)
        notebook.insert_before(name, stub["source"], id=name, metadata=stub["metadata"])
    notebook.write(folder)


@submission("accident", right=ALL)
def first_try_kept(folder: Path, lesson: Lesson) -> None:
    """Keeps a wrong first try in a copy of the cell, above the right one."""
    notebook = lesson.solved()
    first = "def masked_softmax(scores, mask=None):\n    return scores.softmax(dim=-1)"
    notebook.insert_before("masked_softmax", first, metadata=notebook.cell("masked_softmax")["metadata"]).write(folder)


@submission("accident", right=ALL)
def answer_split_in_two(folder: Path, lesson: Lesson) -> None:
    """Has an answer in two cells that were one, with a helper in the first and the answer in the second."""
    notebook = lesson.solved()
    answer = "def causal_mask(n_positions):\n    return lower(n_positions)"
    helper = "def lower(size):\n    return torch.ones(size, size, dtype=torch.bool).tril()"
    metadata = notebook.cell("causal_mask")["metadata"]
    notebook.insert_before("causal_mask", helper, metadata=metadata).answer("causal_mask", answer).write(folder)


@submission("accident", right=ALL)
def answer_in_a_cell_of_its_own(folder: Path, lesson: Lesson) -> None:
    """Has lost the cell of an answer, which stands in a new cell at its place."""
    notebook = lesson.solved()
    for name in ("attention_scores", "padding_mask"):
        notebook.insert_before(name, notebook.source(name)).remove(name)
    notebook.write(folder)


@submission("accident", right=ALL)
def cells_deleted(folder: Path, lesson: Lesson) -> None:
    """Has lost some checks, the imports and other given cells."""
    lesson.solved().remove("setup", "check-masked_softmax", "check-SelfAttention", "queries-shape", "map").write(folder)


@submission("accident", right=ALL)
def answer_turned_into_prose(folder: Path, lesson: Lesson) -> None:
    """Has an answer and a check in Markdown and raw cells, since a key was pressed in the wrong mode."""
    notebook = lesson.solved()
    for name, kind in (("causal_mask", "markdown"), ("check-padding_mask", "raw"), ("attention_scores", "raw")):
        cell = notebook.cell(name)
        cell["cell_type"] = kind
        cell.pop("outputs", None), cell.pop("execution_count", None)
    notebook.write(folder)


@submission("accident", right=ALL)
def cells_in_another_order(folder: Path, lesson: Lesson) -> None:
    """Has moved the masks before the softmax, and a check away from its answer."""
    notebook = lesson.solved().move("causal_mask", "setup").move("padding_mask", "setup")
    notebook.move("check-attention_scores", "check-masked_softmax").write(folder)


@submission("accident", right=ALL)
def cells_edited(folder: Path, lesson: Lesson) -> None:
    """Has guesses filled in, an import added to the given ones, comments in a check, and a sentence of one's own."""
    notebook = lesson.solved()
    notebook.answer("setup", notebook.source("setup") + "\nimport numpy as np\nfrom math import sqrt")
    notebook.answer("by-hand-guess", "guess = 0.88").answer("own-sentence", "sentence = 'we see what we see'")
    notebook.answer("check-causal_mask", "# why?\n# check(causal_mask)\ncausal_mask(3)")
    scores = "def attention_scores(query, key):\n    return query @ key.mT / np.sqrt(query.shape[-1])"
    notebook.answer("attention_scores", scores).write(folder)


@submission("accident", right=ALL)
def tags_and_folds(folder: Path, lesson: Lesson) -> None:
    """Has cells folded, tagged, timed and marked by extensions, and an answer that may not be edited."""
    notebook = lesson.solved()
    for cell in notebook.cells:
        cell["metadata"] |= {"collapsed": True, "jupyter": {"source_hidden": True}, "ExecuteTime": {"end_time": "x"}}
        cell["metadata"] |= {"tags": ["important", "skip-execution", "parameters"], "scrolled": True, "editable": False}
    notebook.content["metadata"] |= {"toc": {"base_numbering": 1}, "widgets": {"state": {}}, "vscode": {}}
    notebook.write(folder)


# Cells of one's own


@submission("accident", right=ALL)
def twenty_thousand_outputs(folder: Path, lesson: Lesson) -> None:
    """Printed in a loop, and each line became an output; now the loop runs again."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": f"step {step}\n"} for step in range(20_000)]
    loop = "import sys\n\nfor step in range(20_000):\n    print('step', step, file=(sys.stdout, sys.stderr)[step % 2])"
    lesson.solved().insert_before("SelfAttention", loop, outputs=outputs, execution_count=9).write(folder)


@submission("accident", right=ALL)
def exceptions_in_own_cells(folder: Path, lesson: Lesson) -> None:
    """Has cells of one's own that fail in every way, before the answers and between them."""
    notebook = lesson.solved()
    for source in (
        "1 / 0", "def unfinished(:", "import a_module_that_only_i_have", "raise KeyboardInterrupt", "assert False",
        "import sys\nsys.exit(1)", "    wrong = 'indent'", "raise ExceptionGroup('both', [ValueError(), OSError()])",
    ):  # fmt: skip
        notebook.insert_before("masked_softmax", source).insert_after("setup", source)
    notebook.write(folder)


@submission("accident", right=ALL)
def leaves_at_the_end(folder: Path, lesson: Lesson) -> None:
    """Ends with exit(), as a script would."""
    lesson.solved().append("exit()").append("quit()").write(folder)


@submission("accident", right=("attention_for_one_query", "attention_scores", "masked_softmax"))
def kernel_died_in_the_middle(folder: Path, lesson: Lesson) -> None:
    """Has an experiment that kills the interpreter, behind three answers and before nothing more was written."""
    notebook = lesson.solving("attention_for_one_query", "attention_scores", "masked_softmax")
    notebook.insert_after("check-masked_softmax", "import ctypes\n\nctypes.string_at(0)").write(folder)


@submission("accident", right=ALL)
def magics(folder: Path, lesson: Lesson) -> None:
    """Uses magics, shell commands, help and a time measured around an answer."""
    notebook = lesson.solved()
    lines = "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!pip --version\ntorch.softmax?\nfiles = !ls\n%who"
    notebook.insert_after("setup", lines)
    notebook.insert_after("causal_mask", "%timeit -n 2 -r 1 causal_mask(5)")
    notebook.insert_after("causal_mask", "%%capture\nprint(causal_mask(3))")
    notebook.answer("causal_mask", "%%time\n" + notebook.source("causal_mask")).write(folder)


@submission("accident", right=ALL)
def names_that_hide_others(folder: Path, lesson: Lesson) -> None:
    """Uses the names of builtins, modules and of the course itself for numbers of one's own."""
    payload = """
        list, dict, print, type, id, input, object, next, open, str = range(10)
        check = case = result = exercise = candidate = answer = np = json = sys = os = observe = 5
        In = Out = _ = __ = None
        del reveal
    """
    lesson.solved().insert_after("padding-joined", payload).write(folder)


@submission("accident", right=ALL)
def settings_changed(folder: Path, lesson: Lesson) -> None:
    """Changes folder, seeds, threads, recursion, warnings and the way numbers are printed."""
    payload = """
        import locale
        import os
        import random
        import sys
        import tempfile
        import warnings

        os.chdir(tempfile.gettempdir())
        sys.setrecursionlimit(2000)
        torch.manual_seed(77), random.seed(77)
        torch.set_num_threads(2)
        torch.set_printoptions(precision=1)
        torch.autograd.set_detect_anomaly(True)
        torch.set_grad_enabled(False)
        warnings.simplefilter("error")
        sys.stdout = sys.__stdout__
        os.environ.clear()
    """
    lesson.solved().insert_before("SelfAttention", payload).write(folder)


@submission("accident", right=ALL)
def things_to_look_at(folder: Path, lesson: Lesson) -> None:
    """Shows pictures, tables, progress, HTML and sound, and asks for widgets that may not be there."""
    payload = """
        import matplotlib.pyplot as plt
        from IPython.display import HTML, Markdown, clear_output, display

        for number in range(25):
            plt.figure()
            plt.plot([1, number])
        plt.show()
        for number in range(50):
            clear_output(wait=True)
            print("\\r", number, end="")
        display(HTML("<table><tr><td>1</td></tr></table>"), Markdown("**good**"), {"a": torch.ones(3)})
        await __import__("asyncio").sleep(0.1)
        try:
            from ipywidgets import IntSlider
            display(IntSlider())
        except ImportError:
            pass
    """
    lesson.solved().insert_before("SelfAttention", payload).write(folder)


@submission("accident", right=ALL)
def files_of_ones_own(folder: Path, lesson: Lesson) -> None:
    """Imports a module and reads a file that were handed in beside the notebook."""
    lesson.solved().answer("causal_mask", "from my_helpers import causal_mask").insert_after(
        "setup", "words = open('my_words.txt', encoding='utf-8').read().split()"
    ).write(folder)
    module = "import torch\n\n\ndef causal_mask(n_positions):\n    places = torch.arange(n_positions)\n"
    (folder / "my_helpers.py").write_text(module + "    return places[None, :] <= places[:, None]\n")
    (folder / "my_words.txt").write_text("schöne Wörter 苹果", encoding="utf-8")


# The answers


@submission("accident", right=ALL)
def answers_that_talk(folder: Path, lesson: Lesson) -> None:
    """Prints, warns, logs and draws in every answer."""
    talk = """
    import logging
    import sys
    import warnings
    print("called", flush=True)
    print("called", file=sys.stderr)
    warnings.warn("careful", DeprecationWarning)
    logging.getLogger("mine").error("careful")
    """
    notebook = lesson.solved()
    for name, first in (("causal_mask", "return torch.ones"), ("padding_mask", "return (tokens")):
        source = notebook.source(name)
        notebook.answer(name, source.replace(f"    {first}", f"{talk.lstrip(chr(10)).rstrip(' ')}    {first}"))
    notebook.write(folder)


@submission("accident", right=ALL)
def slow_but_right(folder: Path, lesson: Lesson) -> None:
    """Takes its time: an import of seconds, a cell of half a minute, an answer of a tenth of a second a call."""
    notebook = lesson.solved().insert_after("setup", "import time\n\ntime.sleep(30)")
    source = notebook.source("attention_scores").replace("    d_k =", "    time.sleep(0.1)\n    d_k =")
    notebook.answer("attention_scores", source).write(folder)


@submission("accident", right=ALL)
def one_more_argument(folder: Path, lesson: Lesson) -> None:
    """Gave an earlier function one more optional argument, which a later answer uses."""
    scores = """
        def attention_scores(query, key, scale=None):
            scale = query.shape[-1] ** 0.5 if scale is None else scale
            return query @ key.mT / scale
    """
    attention = """
        def scaled_dot_product_attention(query, key, value, mask=None, dropout=0.0):
            weights = masked_softmax(attention_scores(query, key, scale=math.sqrt(key.shape[-1])), mask)
            return nn.functional.dropout(weights, dropout) @ value
    """
    lesson.solved().answers(attention_scores=scores, scaled_dot_product_attention=attention).write(folder)


@submission("accident", right=ALL)
def helpers_of_ones_own(folder: Path, lesson: Lesson) -> None:
    """Has a cell of helpers, a class and a constant, which the answers use."""
    helpers = """
        MINUS = -math.inf

        class Open:
            def __init__(self, mask):
                self.mask = mask

            def fill(self, scores):
                return scores if self.mask is None else scores.masked_fill(~self.mask, MINUS)

            def empty(self, scores):
                shape = scores.shape[:-1] + (1,)
                none = torch.zeros(shape, dtype=torch.bool)
                return none if self.mask is None else none | ~self.mask.any(dim=-1, keepdim=True)
    """
    answer = """
        def masked_softmax(scores, mask=None):
            keys = Open(mask)
            filled = keys.fill(scores).masked_fill(keys.empty(scores), 0.0)
            return filled.softmax(dim=-1).masked_fill(keys.empty(scores), 0.0)
    """
    lesson.solved().insert_after("setup", helpers).answer("masked_softmax", answer).write(folder)


@submission("accident", right=ALL)
def unusual_styles(folder: Path, lesson: Lesson) -> None:
    """Is right in forms that few people choose: a lambda, a partial, an object, a decorator, einsum, own names."""
    answers = {
        "attention_scores": (
            "attention_scores = lambda Q, K: torch.einsum('...qd,...kd->...qk', Q, K) * Q.size(-1) ** -0.5"
        ),
        "causal_mask": """
            def below(n_positions, offset):
                return torch.ones(n_positions, n_positions, dtype=torch.bool).tril(offset)

            causal_mask = functools.partial(below, offset=0)
        """,
        "padding_mask": """
            class Padding:
                def __call__(self, tokens, pad=0):
                    return torch.ne(tokens, pad).unsqueeze(1).unsqueeze(1)

            padding_mask = Padding()
        """,
        "scaled_dot_product_attention": """
            import functools

            def announced(function):
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    return function(*args, **kwargs)
                return wrapper

            @announced
            def scaled_dot_product_attention(query, key, value, mask=None):
                return torch.einsum("...qk,...kv->...qv", masked_softmax(attention_scores(query, key), mask), value)
        """,
        "attention_for_one_query": """
            def attention_for_one_query(q: "Tensor", ks: "Tensor", vs: "Tensor") -> "Tensor":
                α = torch.stack([torch.dot(q, k) / math.sqrt(q.numel()) for k in ks])
                β = torch.exp(α - α.max())
                return sum((b / β.sum() * v for b, v in zip(β, vs)), torch.zeros(vs.shape[-1], dtype=vs.dtype))
        """,
    }
    lesson.solved().answers(**answers).write(folder)


@submission("accident", right=ALL)
def layer_with_a_base(folder: Path, lesson: Lesson) -> None:
    """Has a layer that inherits from one of one's own, and makes its matrices in another order."""
    base = """
        class Projections(nn.Module):
            def __init__(self, **sizes):
                super().__init__()
                for name, (rows, columns) in sizes.items():
                    setattr(self, name, nn.Linear(rows, columns, bias=False))
    """
    answer = """
        class SelfAttention(Projections):
            def __init__(self, d_model: int, d_k: int, d_v: int, name: str = "layer") -> None:
                super().__init__(w_v=(d_model, d_v), w_k=(d_model, d_k), w_q=(d_model, d_k))
                self.name = name

            def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
                return scaled_dot_product_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)
    """
    lesson.solved().insert_after("setup", base).answer("SelfAttention", answer).write(folder)


@submission("accident", right=but("causal_mask"))
def one_answer_does_not_compile(folder: Path, lesson: Lesson) -> None:
    """Has one answer with a bracket too few, and all others right."""
    lesson.solved().answer("causal_mask", "def causal_mask(n_positions):\n    return torch.ones(n_positions").write(
        folder
    )


@submission("accident", right=but("padding_mask"))
def answer_deleted(folder: Path, lesson: Lesson) -> None:
    """Has deleted the cell of one answer, with its check."""
    lesson.solved().remove("padding_mask", "check-padding_mask").write(folder)


@submission("accident", right=ALL)
def all_the_numbers_stored(folder: Path, lesson: Lesson) -> None:
    """Was handed in with all its outputs, old errors, pictures of 5 MB and execution counts out of order."""
    notebook = lesson.solved()
    error = {"output_type": "error", "ename": "CheckFailed", "evalue": "wrong", "traceback": ["wrong"]}
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" * 500_000}}
    for count, cell in enumerate(cell for cell in notebook.cells if cell["cell_type"] == "code"):
        cell |= {"execution_count": 200 - count, "outputs": [dict(error)]}
    notebook.cell("map")["outputs"] = [picture]
    notebook.cells.insert(0, new_cell("# my name is Ann", execution_count=300))
    notebook.write(folder)
