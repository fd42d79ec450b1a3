"""Refuse and watch: is each way to torch's own attention shut in the sandbox, and told where nothing is shut?"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from course.classroom import ROOT
from course.grading.inside.refuse import refusal
from course.judging.exercise import Case, Exercise
from course.judging.observe import observe_all
from course.judging.watch import ATTENTION, Watch

SETUP = """
import torch, torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
aten, keys = torch.ops.aten, torch._C.DispatchKey
q = torch.ones(2, 3, 4, 8)
x = q[0]
several = nn.MultiheadAttention(8, 2, batch_first=True)
encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
inside = several.in_proj_weight, several.in_proj_bias, several.out_proj.weight, several.out_proj.bias
nested = torch.nested.nested_tensor([x, x])
"""
REFUSED = {
    "the function": "F.scaled_dot_product_attention(q, q, q)",
    "below it": "torch._C._nn.scaled_dot_product_attention(q, q, q)",
    "an operator": "aten.scaled_dot_product_attention(q, q, q)",
    "its overload": "aten.scaled_dot_product_attention.default(q, q, q)",
    "its decomposition": "aten.scaled_dot_product_attention.default.decompose(q, q, q)",
    "as said for all": "aten.scaled_dot_product_attention.default._op_dk(keys.CompositeImplicitAutograd, q, q, q)",
    "sent on": "aten._scaled_dot_product_attention_math.default.redispatch(torch._C.DispatchKeySet(keys.AutogradCUDA),"
    " q, q, q)",
    "its plain form": "torch._scaled_dot_product_attention_math(q, q, q)",
    "its fast form": "aten._scaled_dot_product_flash_attention_for_cpu(q, q, q)",
    "its form to be replaced": "aten._scaled_dot_product_fused_attention_overrideable(q, q, q)",
    "with gradients": "F.scaled_dot_product_attention(q.clone().requires_grad_(), q, q)",
    "in float64": "F.scaled_dot_product_attention(q.double(), q.double(), q.double())",
    "in half": "F.scaled_dot_product_attention(q.bfloat16(), q.bfloat16(), q.bfloat16())",
    "by a chosen backend": "with sdpa_kernel(SDPBackend.MATH): F.scaled_dot_product_attention(q, q, q)",
    "without functions of torch's": "with torch._C.DisableTorchFunction(): F.scaled_dot_product_attention(q, q, q)",
    "for inference": "with torch.inference_mode(): F.scaled_dot_product_attention(q, q, q)",
    "in automatic precision": "with torch.autocast('cpu'): F.scaled_dot_product_attention(q, q, q)",
    "mapped": "torch.vmap(lambda q: F.scaled_dot_product_attention(q, q, q))(q)",
    "mapped, plain": "torch.vmap(lambda q: torch._scaled_dot_product_attention_math(q, q, q)[0])(q)",
    "differentiated": "torch.func.grad(lambda q: F.scaled_dot_product_attention(q, q, q).sum())(q)",
    "nested": "F.scaled_dot_product_attention(nested, nested, nested)",
    "in a module": "several(x, x, x)",
    "in a module, evaluated": "with torch.inference_mode(): several.eval()(x, x, x)",
    "as a function of many heads": "F.multi_head_attention_forward(x, x, x, 8, 2, *inside[:2], None, None, False, 0.0,"
    " *inside[2:])",
    "many heads below": "torch._native_multi_head_attention(x, x, x, 8, 2, *inside)",
    "many heads, to be quantized": "torch.ao.nn.quantizable.MultiheadAttention(8, 2)(x, x, x)",
    "in a layer": "encoder(x)",
    "in a layer, evaluated": "with torch.inference_mode(): encoder.eval()(x)",
    "in a decoder": "nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)(x, x)",
    "flexible": "from torch.nn.attention.flex_attention import flex_attention; flex_attention(q, q, q)",
    "flexible, below": "torch.ops.higher_order.flex_attention(q, q, q, None, (), 1.0, {})",
    "in a thread": "import threading; t = threading.Thread(target=lambda: got.append(caught(lambda:"
    " F.scaled_dot_product_attention(q, q, q)))); t.start(); t.join(); raise got[0]",
}
FINE = {
    "written": "torch.softmax(q @ q.transpose(-1, -2) / 8**0.5, -1) @ q",
    "softmax": "F.softmax(q, -1)",
    "a sum of products": "torch.einsum('bhqd,bhkd->bhqk', q, q)",
    "layers": "nn.LayerNorm(8)(nn.Dropout(0.1)(nn.Linear(8, 8)(q))).sum().backward()",
    "mapped": "torch.vmap(lambda q: torch.softmax(q @ q.mT, -1) @ q)(q)",
    "nested": "torch.nn.functional.softmax(nested.to_padded_tensor(0.0), -1)",
    "a module that is only made": "nn.MultiheadAttention(8, 2)",
}
PROGRAM = """
import sys, warnings, json
warnings.simplefilter("ignore")
from course.grading.inside.refuse import refused
setup, ways, names = json.load(sys.stdin)
refused(set(names))
exec(setup)
got = []
def caught(call):
    try:
        call()
    except RuntimeError as error:
        return error
told = {}
for way, code in ways.items():
    try:
        exec(code)
        told[way] = "answers"
    except Exception as error:
        told[way] = str(error)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """Way -> what is said where torch's attention is refused."""
    ways = {f"refused {way}": code for way, code in REFUSED.items()} | {f"fine {way}": c for way, c in FINE.items()}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps([SETUP, ways, sorted(ATTENTION)]),
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", REFUSED)
def test_way_is_refused(told, way):
    assert "is not to be called: this exercise asks you to write it" in told[f"refused {way}"]


@pytest.mark.parametrize("way", FINE)
def test_what_is_no_attention_is_not_refused(told, way):
    assert told[f"fine {way}"] == "answers"


def test_refusal_says_whose_work_it_is():
    with pytest.raises(RuntimeError, match="torch's own native_multi_head_attention is not to be called"):
        refusal("_native_multi_head_attention")(1, key=2)


q, x = torch.ones(2, 3, 4, 8), torch.ones(3, 4, 8)
several, layer = nn.MultiheadAttention(8, 2, batch_first=True), nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)


def by_backend():
    with sdpa_kernel(SDPBackend.MATH):
        return F.scaled_dot_product_attention(q, q, q)


def evaluated():
    with torch.inference_mode():
        return layer.eval()(x)


def flexible():
    """As torch.nn.attention.flex_attention calls it, once it has compiled itself, which takes long."""
    with contextlib.suppress(Exception):
        torch.ops.higher_order.flex_attention(q, q, q, None, (), 1.0, {})


TOLD = {
    "the function": lambda: F.scaled_dot_product_attention(q, q, q),
    "an operator": lambda: torch.ops.aten.scaled_dot_product_attention(q, q, q),
    "its plain form": lambda: torch._scaled_dot_product_attention_math(q, q, q),
    "by a chosen backend": by_backend,
    "mapped": lambda: torch.vmap(lambda q: F.scaled_dot_product_attention(q, q, q))(q),
    "in a module": lambda: several(x, x, x),
    "in a layer": lambda: layer.train()(x),
    "in a layer, evaluated": evaluated,
    "flexible": flexible,
}


@pytest.mark.parametrize("way", TOLD)
def test_way_is_told(way):
    watch = Watch(ATTENTION)
    with watch:
        TOLD[way]()
    assert watch.seen in ATTENTION
    nothing = Watch(())
    with nothing:
        TOLD[way]()
    assert nothing.seen == ""


def test_own_attention_is_not_told():
    watch = Watch(ATTENTION)
    with watch:
        nn.Linear(8, 8)(torch.softmax(q @ q.mT, -1) @ q)
    assert watch.seen == ""


def test_observation_tells_the_first_that_is_called_and_the_answer_goes_on():
    exercise = Exercise(lambda x: x, 0, "", lambda _: [], forbidden=ATTENTION)
    case = Case("case", {"x": q})
    both = lambda x: F.scaled_dot_product_attention(x, x, x) + several(x[0], x[0], x[0])[0]  # noqa: E731
    [found] = observe_all(exercise, both, [case])
    assert found.called == "scaled_dot_product_attention"
    assert found.output.arrays[""].shape == q.shape
    [found] = observe_all(exercise, lambda x: x * 2, [case])
    assert found.called == ""
