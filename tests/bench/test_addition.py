"""Addition's race: minGPT's model and data are what they should be, and a clock that stands while it measures."""

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from course.addition import Addition, as_text
from course.bench import addition, mingpt
from course.bench.addition import Stopwatch, exact, in_digits, learn_ours, learn_theirs, task_and_tests
from course.bench.mingpt import NanoGPT, optimizer_of, train_nano


def test_nano_is_a_gpt2_with_an_output_of_its_own():
    """The same weights in transformers' GPT-2: the same logits."""
    torch.manual_seed(0)
    nano = NanoGPT(9).eval()
    sizes = {"n_embd": 48, "n_layer": 3, "n_head": 3, "vocab_size": 10, "n_positions": 9}
    theirs = GPT2LMHeadModel(GPT2Config(**sizes, tie_word_embeddings=False)).eval()
    names = {
        "tokens": "transformer.wte", "places": "transformer.wpe", "norm.": "transformer.ln_f.", "output": "lm_head",
        "blocks.": "transformer.h.", "norm_1": "ln_1", "norm_2": "ln_2", "attention.all_three": "attn.c_attn",
        "attention.proj": "attn.c_proj", "widen": "mlp.c_fc",
    }  # fmt: skip
    state = {}
    for name, tensor in nano.state_dict().items():
        if name.endswith("closed"):
            continue
        called = name
        for ours, other in names.items():
            called = called.replace(ours, other) if ours != "norm." or called.startswith("norm.") else called
        called = called if "attn" in called else called.replace(".proj", ".mlp.c_proj")
        across = tensor.ndim == 2 and ".h." in called
        state[called] = torch.randn_like(tensor.T if across else tensor)
        tensor.copy_(state[called].T if across else state[called])
    missing = theirs.load_state_dict(state, strict=False)
    assert missing.unexpected_keys == []
    assert all(name.endswith(("attn.bias", "masked_bias")) for name in missing.missing_keys)
    tokens = torch.randint(0, 10, (4, 9))
    with torch.no_grad():
        torch.testing.assert_close(nano(tokens), theirs(tokens).logits, atol=1e-4, rtol=1e-4)


def test_sums_as_mingpt_writes_them():
    task = Addition(2)
    digits = in_digits(task, task.texts(torch.tensor([[85, 50], [6, 39]])))
    assert ["".join(map(str, row)) for row in digits.tolist()] == ["8550531", "0639540"]


def test_matrices_of_layers_alone_decay():
    decaying, rest = optimizer_of(NanoGPT(6)).param_groups
    assert [group["weight_decay"] for group in (decaying, rest)] == [0.1, 0.0]
    assert {parameter.ndim for parameter in decaying["params"]} == {2}
    assert len(decaying["params"]) == 3 * 4 + 1
    assert len(rest["params"]) == 2 + 3 * 8 + 2


def test_it_starts_as_gpt2_does():
    torch.manual_seed(0)
    model = NanoGPT(9).requires_grad_(False)
    assert model.tokens.weight.std() == pytest.approx(0.02, rel=0.1)
    assert model.blocks[0].widen.weight.std() == pytest.approx(0.02, rel=0.05)
    assert model.blocks[0].proj.weight.std() == pytest.approx(0.02 / 6**0.5, rel=0.05)
    assert (model.blocks[0].widen.bias == 0).all()


def test_theirs_learns_and_counts_its_steps(monkeypatch):
    monkeypatch.setattr(mingpt, "LEARNING_RATE", 5e-3)
    torch.manual_seed(0)
    task = Addition(1, n_unseen=10)
    model, batches = NanoGPT(3), (in_digits(task, some) for some in task.batches(64))
    assert exact(model, next(batches), 2) < 0.2
    assert train_nano(model, batches, 2, lambda n: n < 150) == 150
    assert exact(model, next(batches), 2) > 0.5


def test_the_clock_stands_while_something_is_measured():
    watch = Stopwatch()
    found = watch.measure(lambda: sum(i * i for i in range(9_000_000)) and 0.5)
    assert found == 0.5
    assert watch.seconds < 0.1 < watch.still


def test_watched_and_kept_are_in_no_batch():
    task, watched, kept = task_and_tests(3, seed=2)
    assert (len(watched), len(kept)) == (1_000, 5_000)
    unseen = {as_text(text) for text in [*watched, *kept]}
    assert not unseen & {as_text(text) for text in next(task.batches(4_000))}


@pytest.mark.parametrize("learn", [learn_ours, learn_theirs])
def test_a_short_training_ends_in_its_time(learn, monkeypatch):
    monkeypatch.setattr(addition, "N_KEPT", 200)
    found = learn(3, 0, 0.5)
    assert not found.reached
    assert 0.4 < found.seconds < 4
    assert found.n_steps > 0
    assert found.exact < 0.5
