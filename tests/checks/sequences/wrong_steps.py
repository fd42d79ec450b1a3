"""Wrong answers to the recurrent steps among the exercises of sequences, written without the reference at hand."""

from __future__ import annotations

import itertools
import math

import torch
from torch.nn import functional as F


def rnn_of_columns(x, h, w_x, w_h, b_x, b_h):
    return torch.tanh(w_x @ x + w_h @ h + b_x + b_h)


def rnn_of_two_tanhs(x, h, w_x, w_h, b_x, b_h):
    return F.linear(x, w_x, b_x).tanh() + F.linear(h, w_h, b_h).tanh()


def rnn_as_a_step(x, h, w_x, w_h, b_x, b_h):
    new = (F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)).tanh()
    return [new, new]


def rnn_straight(x, h, w_x, w_h, b_x, b_h):
    return F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)


def rnn_untransposed(x, h, w_x, w_h, b_x, b_h):
    return torch.tanh(x @ w_x.mT + b_x + torch.matmul(h, w_h) + b_h)


def rnn_one_bias(x, h, w_x, w_h, b_x, b_h):
    return (F.linear(x, w_x, b_x) + F.linear(h, w_h)).tanh()


def gru_gates(x, h, w_x, w_h, b_x, b_h):
    return [*F.linear(x, w_x, b_x).tensor_split(3, -1), *F.linear(h, w_h, b_h).tensor_split(3, -1)]


def gru_sieve(x, h, w_x, w_h, b_x, b_h):
    xr, xz, xn, hr, hz, hn = gru_gates(x, h, w_x, w_h, b_x, b_h)
    new = torch.tanh(xn + (xr + hr).sigmoid() * hn)
    return torch.lerp(h, new, (xz + hz).sigmoid())


def gru_update_first(x, h, w_x, w_h, b_x, b_h):
    xz, xr, xn, hz, hr, hn = gru_gates(x, h, w_x, w_h, b_x, b_h)
    new = torch.tanh(xn + (xr + hr).sigmoid() * hn)
    return torch.lerp(new, h, (xz + hz).sigmoid())


def gru_of_the_published_paper(x, h, w_x, w_h, b_x, b_h):
    xr, xz, xn, hr, hz, _ = gru_gates(x, h, w_x, w_h, b_x, b_h)
    d = h.shape[-1]
    new = torch.tanh(xn + F.linear(torch.sigmoid(xr + hr) * h, w_h[2 * d :], b_h[2 * d :]))
    return torch.lerp(new, h, (xz + hz).sigmoid())


def gru_without_reset(x, h, w_x, w_h, b_x, b_h):
    _, xz, xn, _, hz, hn = gru_gates(x, h, w_x, w_h, b_x, b_h)
    z = torch.sigmoid(xz + hz)
    return z * h + (1 - z) * torch.tanh(xn + hn)


def gru_cut_across(x, h, w_x, w_h, b_x, b_h):
    xr, xz, xn = F.linear(x, w_x, b_x).chunk(3)
    hr, hz, hn = F.linear(h, w_h, b_h).chunk(3)
    return torch.lerp(torch.tanh(xn + (xr + hr).sigmoid() * hn), h, (xz + hz).sigmoid())


def lstm_parts(x, h, w_x, w_h, b_x, b_h):
    return (F.linear(x, w_x, b_x) + F.linear(h, w_h, b_h)).split(h.shape[-1], -1)


def lstm_untamed(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c, c


def lstm_forget_first(x, h, c, w_x, w_h, b_x, b_h):
    f, i, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def lstm_of_1997(x, h, c, w_x, w_h, b_x, b_h):
    i, _, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = c + i.sigmoid() * g.tanh() + 0 * _
    return o.sigmoid() * c.tanh(), c


def lstm_shown_too_early(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = map(torch.Tensor.sigmoid, lstm_parts(x, h, w_x, w_h, b_x, b_h))
    g = lstm_parts(x, h, w_x, w_h, b_x, b_h)[2].tanh()
    return o * c.tanh(), f * c + i * g


def lstm_adding_the_gate(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = c * f.sigmoid() + (i.sigmoid() + g.tanh())
    return c.tanh() * o.sigmoid(), c


def lstm_with_one_gate_for_both(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    c = f.sigmoid() * (c + g.tanh()) + 0 * i
    return c.tanh() * o.sigmoid(), c


def lstm_with_one_bias(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = (F.linear(x, w_x, b_x) + h @ w_h.T).split(h.shape[-1], -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def lstm_output_alone(x, h, c, w_x, w_h, b_x, b_h):
    i, f, g, o = lstm_parts(x, h, w_x, w_h, b_x, b_h)
    return o.sigmoid() * (f.sigmoid() * c + i.sigmoid() * g.tanh()).tanh()


def states_of(step, xs, h0):
    states = [h0.clone().requires_grad_()]
    for x in xs:
        states.append(step(x, states[-1])[1])
    return states


def jacobian(of, by):
    return torch.stack([torch.autograd.grad(of[unit], by, retain_graph=True)[0] for unit in range(len(of))])


def norms_of_frobenius(step, xs, h0):
    states = states_of(step, xs, h0)
    return [jacobian(states[-1], state).square().sum().sqrt().item() for state in states]


def norms_of_the_sum(step, xs, h0):
    states = states_of(step, xs, h0)
    for state in states:
        state.retain_grad()
    states[-1].sum().backward()
    return [state.grad.norm().item() for state in states]


def norms_backwards(step, xs, h0):
    states = states_of(step, xs, h0)
    return [torch.linalg.svdvals(jacobian(states[-1], state)).max().item() for state in states[::-1]]


def norms_asking_of_the_caller(step, xs, h0):
    h0.requires_grad_()
    states = [h0]
    for x in xs:
        states.append(step(x, states[-1])[1])
    return [torch.linalg.svdvals(jacobian(states[-1], state)).max().item() for state in states]


def norms_of_frobenius_asking_of_the_caller(step, xs, h0):
    h0.requires_grad_()
    states = [h0]
    for x in xs:
        states += [step(x, states[-1])[1]]
    return [jacobian(states[-1], state).norm().item() for state in states]


def norms_multiplied(step, xs, h0):
    states = states_of(step, xs, h0)
    each = [torch.linalg.svdvals(jacobian(after, before)).max().item() for before, after in itertools.pairwise(states)]
    return [math.prod(each[t:]) for t in range(len(states))]


WRONG_STEPS = {
    "rnn_step": {
        "no tanh": rnn_straight,
        "w_h not transposed": rnn_untransposed,
        "no b_h": rnn_one_bias,
        "vectors as columns": rnn_of_columns,
        "tanh of each part": rnn_of_two_tanhs,
        "the state twice": rnn_as_a_step,
    },
    "gru_step": {
        "z and 1 - z exchanged": gru_sieve,
        "gates in another order": gru_update_first,
        "reset before the matrix": gru_of_the_published_paper,
        "no reset": gru_without_reset,
        "cut without dim": gru_cut_across,
    },
    "lstm_step": {
        "no tanh of the new c": lstm_untamed,
        "input and forget exchanged": lstm_forget_first,
        "nothing forgotten": lstm_of_1997,
        "output from the old c": lstm_shown_too_early,
        "input gate added": lstm_adding_the_gate,
        "forget gate used twice": lstm_with_one_gate_for_both,
        "no b_h": lstm_with_one_bias,
        "h alone": lstm_output_alone,
    },
    "state_jacobian_norms": {
        "Frobenius norm": norms_of_frobenius,
        "gradient of the sum": norms_of_the_sum,
        "from the end": norms_backwards,
        "norms multiplied": norms_multiplied,
        "h0 itself asks for its gradient": norms_asking_of_the_caller,
        "h0 itself asks for its gradient, Frobenius norm": norms_of_frobenius_asking_of_the_caller,
    },
}
