"""Skips: short sentences whose positions are moved apart, so that far positions are met, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle

import torch
from torch import Tensor, nn

from course.fused import turns
from course.positions import sinusoidal_positions

Hook = Callable[[nn.Module, tuple, Tensor], Tensor]


def draw_shifts(n_rows: int, n_positions: int, max_skip: int) -> Tensor:
    """How far each position is moved on: in about half the rows 1 to max_skip from some place on.

    -> integers (B, T); before the place, and in the other rows, 0  (Zhu et al. 2023)"""
    place = torch.randint(1, max(2, n_positions), (n_rows, 1))  # a first position never moves
    skip = torch.randint(1, max_skip + 1, (n_rows, 1)) * torch.randint(2, (n_rows, 1))
    return skip * (torch.arange(n_positions) >= place)  # (B, T)


def turned_on(shifts: Tensor, n_heads: int) -> Hook:
    """For w_q or w_k of rotary attention: what it gives, turned as far as the positions move.

    shifts (B, T). Angles add up: whoever then turns row t by t turns it by t + shift in all."""

    def hook(linear: nn.Module, given: tuple, x: Tensor) -> Tensor:
        heads = x.reshape(*shifts.shape, n_heads, -1, 2)  # (B, T, H, d_head / 2, 2)
        table = turns(int(shifts.max()) + 1, 2 * heads.shape[-2], x.dtype)
        turned = torch.view_as_complex(heads) * table[shifts][:, :, None]
        return torch.view_as_real(turned).reshape(x.shape)

    return hook


def added_on(each: Iterator[Tensor]) -> Hook:
    """For what adds sines and cosines: those of the positions moved on take their place.

    each: the shifts (B, T) of the source, of the target, and so on, as a Transformer asks."""

    def hook(positions: nn.Module, given: tuple, x: Tensor) -> Tensor:
        shifts = next(each)
        places = torch.arange(shifts.shape[1])
        table = sinusoidal_positions(len(places) + int(shifts.max()), x.shape[-1]).to(x)
        return x + table[places + shifts] - table[places]

    return hook


def hooks_of(model: nn.Module, shifts: Sequence[Tensor]) -> list[tuple[nn.Module, Hook]]:
    """Which modules of a Transformer get which hook; ValueError where positions cannot move."""
    scheme = getattr(getattr(model, "config", None), "positions", None)
    if scheme == "sinusoidal":
        return [(model.positions, added_on(cycle(shifts)))]
    if scheme != "rotary":
        raise ValueError(
            f"positions={scheme!r} cannot be moved on, only 'rotary' and 'sinusoidal' can: "
            "train this model with max_skip=0"
        )
    source, target = shifts
    attentions = [(layer.attention, source) for layer in model.encoder.layers]
    attentions += [(layer.self_attention, target) for layer in model.decoder.layers]
    return [
        (linear, turned_on(far, attention.n_heads))
        for attention, far in attentions
        for linear in (attention.w_q, attention.w_k)
    ]


@contextmanager
def moved_on(model: nn.Module, *shifts: Tensor) -> Iterator[None]:
    """Inside, a Transformer's positions are moved on.

    shifts: of the source (B, T_k), of what the decoder is given (B, T_q). The layers may be your
    own. Cross-attention knows no positions.
    ValueError where positions are neither rotary nor sinusoidal, or a layer was not called."""
    called: set[nn.Module] = set()

    def note(module: nn.Module, given: tuple, x: Tensor) -> None:
        called.add(module)

    hooks = hooks_of(model, shifts)
    with ExitStack() as stack:
        for module, hook in hooks:
            stack.enter_context(module.register_forward_hook(hook))
            stack.enter_context(module.register_forward_hook(note))
        yield
    if missing := [type(module).__name__ for module, _ in hooks if module not in called]:
        raise ValueError(
            f"positions could not be moved on: {len(missing)} of {len(hooks)} layers "
            f"({missing[0]}) were not called; does the attention compute with their weights "
            "instead? Call self.w_q(x) and self.w_k(x), or train with max_skip=0"
        )


@contextmanager
def skipping(model: nn.Module, source: Tensor, target: Tensor, max_skip: int) -> Iterator[None]:
    """Inside, train_step finds positions that skip; with max_skip=0 all is as ever.

    source (B, T_k), target (B, T), in front of which the decoder is given <bos>"""
    if not max_skip:
        yield
        return
    n_rows, n_inputs = len(target), target.shape[1] + 1
    with moved_on(
        model,
        draw_shifts(n_rows, source.shape[1], max_skip),
        draw_shifts(n_rows, n_inputs, max_skip),
    ):
        yield
