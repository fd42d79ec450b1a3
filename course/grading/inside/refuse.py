"""Refuse: torch's own attention raises, by whatever way it is called, in this process and in all that come of it."""

from __future__ import annotations

import ctypes
from collections.abc import Collection
from typing import Any, NoReturn

import torch


def refused(names: Collection[str]) -> None:
    """Take these of torch's functions away, in Python and below: nothing that is left can be asked for them."""
    below = {name.removeprefix("aten::") for name in torch._C._dispatch_get_all_op_names()}
    library = torch._C._dispatch_library("IMPL", "aten", "", __file__, 1)
    for name in sorted(names & below):
        for key in ("CPU", "AutogradCPU"):
            library.impl(name, key, refusal(name))
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))  # for ever: when it goes, the old functions come back
    for name in names - below:
        setattr(torch.nn.functional, name, refusal(name))


def refusal(name: str) -> Any:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(f"torch's own {name.strip('_')} is not to be called: this exercise asks you to write it")

    return refuse
