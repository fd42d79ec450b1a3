"""Refuse: torch's own attention raises, by whatever way it is called, in this process and in all that come of it."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Collection
from importlib import import_module
from typing import Any, NoReturn

import torch

# For numbers, for those whose gradients are asked, under vmap, in nested tensors, and what is said for all at once.
KEYS = (
    "CPU", "AutogradCPU", "FuncTorchVmapMode", "NestedTensorCPU", "AutogradNestedTensor", "CompositeImplicitAutograd"
)  # fmt: skip
# Where those are that torch has written in Python, and what does the same under another name.
IN_PYTHON = {
    "multi_head_attention_forward": (
        ("torch.nn.functional", "multi_head_attention_forward"),
        ("torch.ao.nn.quantizable", "MultiheadAttention.forward"),
    ),
    "flex_attention": (
        ("torch.nn.attention.flex_attention", "flex_attention"),
        ("torch._higher_order_ops.flex_attention", "FlexAttentionHOP.__call__"),
        ("torch._higher_order_ops.flex_attention", "math_attention"),
    ),
}


def refused(names: Collection[str]) -> None:
    """Take these of torch's functions away, in Python and below: nothing that is left can be asked for them."""
    below = {name.removeprefix("aten::") for name in torch._C._dispatch_get_all_op_names()}
    library = torch._C._dispatch_library("IMPL", "aten", "", __file__, 1)
    for name in sorted(names & below):
        for key in KEYS:
            library.impl(name, key, refusal(name))
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # for ever: when it goes, the old functions come back
    for name in names - below:
        for module, path in IN_PYTHON[name]:
            *above, last = path.split(".")
            owner = operator.attrgetter(*above)(import_module(module)) if above else import_module(module)
            setattr(owner, last, refusal(name))


def refusal(name: str) -> Any:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(f"torch's own {name.strip('_')} is not to be called: this exercise asks you to write it")

    return refuse
