"""Weights: each tensor of theirs goes to its place in our model, and none is missing, left over or misshapen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course.blocks import LayerNorm
from course.pretrained.refused import Refused, listed


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the numbers of one of their tensors go.

    ours: our tensors, which theirs holds one below the other; transposed: theirs has rows for columns;
    rows: our row r is their row rows[r], of which they have n_rows (as many as we have where None)."""

    ours: tuple[Tensor, ...]
    transposed: bool = False
    rows: Tensor | None = None
    n_rows: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that theirs must have."""
        shape = (self.n_rows or sum(map(len, self.ours)), *self.ours[0].shape[1:])
        return shape[::-1] if self.transposed else shape

    def fill(self, theirs: Tensor) -> None:
        """Copy the numbers."""
        value = theirs.T if self.transposed else theirs
        value = value if self.rows is None else value[self.rows]
        with torch.no_grad():
            for ours, part in zip(self.ours, value.split([len(one) for one in self.ours]), strict=True):
                ours.copy_(part)


Places = dict[str, Place]


def linear(name: str, *layers: nn.Linear, transposed: bool = False) -> Places:
    """A linear layer of theirs, which holds those of ours one below the other."""
    places = {f"{name}.weight": Place(ours=tuple(layer.weight for layer in layers), transposed=transposed)}
    if layers[0].bias is not None:
        places[f"{name}.bias"] = Place(ours=tuple(layer.bias for layer in layers))
    return places


def norm(name: str, layer: LayerNorm, weight: str = "weight", bias: str = "bias") -> Places:
    """A LayerNorm of theirs."""
    return {f"{name}.{weight}": Place(ours=(layer.gain,)), f"{name}.{bias}": Place(ours=(layer.bias,))}


def widest(tensors: Mapping[str, Tensor]) -> torch.dtype:
    """float64 where some of them are, else float32: a CPU computes with nothing shorter as fast."""
    return torch.float64 if any(one.dtype == torch.float64 for one in tensors.values()) else torch.float32


def fill(
    tensors: Mapping[str, Tensor],
    places: Places,
    copies: Mapping[str, str] | None = None,
    constants: Mapping[str, Callable[[], Tensor]] | None = None,
    unused: Collection[str] = (),
) -> None:
    """Put every tensor into its place; Refused where one is missing, left over, or of another shape or kind.

    copies: further names of a tensor (tied layers), under which it may, and need not, come again;
    constants: what may be there too, and is computed by the course: it must be what it computes;
    unused: what may be there, and the course has no part for."""
    copies, constants = copies or {}, constants or {}
    if missing := places.keys() - tensors.keys():
        raise Refused(
            f"{len(missing)} of {len(places)} tensors are not there: {listed(missing)}; "
            "the weights are another model's, or the config is"
        )
    if more := tensors.keys() - places.keys() - copies.keys() - constants.keys() - set(unused):
        raise Refused(
            f"{len(more)} tensors have no place in this model: {listed(more)}; "
            "the weights are another model's, or the config is"
        )
    for name, place in places.items():
        check(name, tensors[name], place.shape)
        place.fill(tensors[name])
    check_others(tensors, copies, constants)


def check(name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    """A tensor of numbers with a point, in that shape."""
    if tuple(tensor.shape) != shape:
        raise Refused(f"{name} has shape {tuple(tensor.shape)}, but the config asks for {shape}: not one model's")
    if not tensor.is_floating_point():
        raise Refused(f"{name} has dtype {tensor.dtype}, but weights are floating-point: it is quantized")


def check_others(
    tensors: Mapping[str, Tensor], copies: Mapping[str, str], constants: Mapping[str, Callable[[], Tensor]]
) -> None:
    """Copies are copies, and constants what the course computes."""
    for name, original in copies.items():
        if name in tensors and not torch.equal(tensors[name], tensors[original]):
            raise Refused(f"{name} must be {original}, by the config, but is not: tie_word_embeddings should be false")
    for name in constants.keys() & tensors.keys():
        found, computed = tensors[name], constants[name]()
        if found.shape != computed.shape or not torch.allclose(found.double(), computed.double(), rtol(found), 1e-6):
            raise Refused(f"{name} is not what the course computes in its place: the model was made in another way")


def rtol(found: Tensor) -> float:
    """How far a constant may be from ours: rounded to float32 or, in files of half their size, once more."""
    return max(1e-5, torch.finfo(found.dtype).eps) if found.is_floating_point() else 0.0
