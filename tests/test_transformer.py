"""Decoder layers, stacks and the whole Transformer against torch's own; and the laws that any translator obeys."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course.attention import causal_mask
from course.blocks import BlockConfig
from course.multi_head import MultiHeadAttention
from course.transformer import (
    Decoder,
    DecoderLayer,
    SinusoidalPositions,
    TokenEmbedding,
    Transformer,
    TransformerConfig,
    cross_attend,
    flops,
    n_parameters_of_base_model,
)  # fmt: skip
from tests.parity import (
    assert_same_gradients,
    assert_same_outputs,
    attention_pairs,
    copy_weights,
    draw,
    layer_pairs,
    randomise,
    stack_pairs,
    weighted,
)  # fmt: skip

B, T_Q, T_K, D_MODEL, H, D_FF, N_LAYERS = 3, 5, 7, 12, 3, 20, 2
SOURCE_PADDING = torch.arange(T_K) < torch.tensor([[7], [4], [1]])  # (B, T_k), True = a word
CHOICES = [(norm_first, activation) for norm_first in (True, False) for activation in ("relu", "gelu")]
DTYPES = [torch.float64, torch.float32]
POSITIONS = ["none", "sinusoidal", "learned", "rotary", "alibi"]
CONFIG = TransformerConfig(
    d_model=D_MODEL, n_heads=H, d_ff=D_FF, n_layers=N_LAYERS, source_vocab_size=11, target_vocab_size=13
)


def states(n_positions: int, dtype: torch.dtype = torch.float64, seed: int = 1) -> torch.Tensor:
    return draw(B, n_positions, D_MODEL, dtype=dtype, seed=seed)


def tokens(n_positions: int, vocab_size: int, seed: int = 1) -> torch.Tensor:
    return torch.randint(1, vocab_size, (B, n_positions), generator=torch.Generator().manual_seed(seed))


def block_config(norm_first: bool, activation: str) -> BlockConfig:
    return BlockConfig(
        d_model=D_MODEL, n_heads=H, d_ff=D_FF, n_layers=N_LAYERS, norm_first=norm_first, activation=activation
    )


def torch_transformer(norm_first: bool, activation: str, dtype: torch.dtype) -> nn.Transformer:
    """torch's two stacks; its post-norm stacks end in a norm that the paper does not have, so it goes."""
    stacks = nn.Transformer(
        D_MODEL, H, N_LAYERS, N_LAYERS, D_FF, 0.0, activation, batch_first=True, norm_first=norm_first, dtype=dtype
    )
    stacks.encoder.enable_nested_tensor = False
    if not norm_first:
        stacks.encoder.norm = stacks.decoder.norm = None
    return stacks


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("norm_first", "activation"), CHOICES)
def test_decoder_layer_and_its_gradients_equal_torchs(dtype: torch.dtype, norm_first: bool, activation: str) -> None:
    ours = randomise(DecoderLayer(block_config(norm_first, activation)), dtype)
    theirs = torch_transformer(norm_first, activation, dtype).decoder.layers[0]
    copy_weights(pairs := layer_pairs(ours, theirs))
    x, y = states(T_Q, dtype).requires_grad_(), states(T_Q, dtype).requires_grad_()
    memory, other_memory = states(T_K, dtype, 2).requires_grad_(), states(T_K, dtype, 2).requires_grad_()
    mine = ours(x, memory, causal_mask(T_Q), SOURCE_PADDING[:, None, None])
    other = theirs(y, other_memory, tgt_mask=~causal_mask(T_Q), memory_key_padding_mask=~SOURCE_PADDING)
    assert_same_outputs(mine, other)
    weighted(mine).backward(), weighted(other).backward()
    assert_same_outputs(x.grad, y.grad)
    assert_same_outputs(memory.grad, other_memory.grad)
    assert_same_gradients(pairs)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("norm_first", "activation"), CHOICES)
def test_the_whole_model_and_its_gradients_equal_torchs_stacks(
    dtype: torch.dtype, norm_first: bool, activation: str
) -> None:
    ours = randomise(Transformer(replace(CONFIG, norm_first=norm_first, activation=activation)), dtype)
    theirs = torch_transformer(norm_first, activation, dtype)
    pairs = stack_pairs(ours.encoder, theirs.encoder) + stack_pairs(ours.decoder, theirs.decoder)
    copy_weights(pairs)
    source, target = tokens(T_K, 11) * SOURCE_PADDING, tokens(T_Q, 13, seed=2)
    mine = ours(source, target)
    embedded = [ours.positions(ours.source_embedding(source)), ours.positions(ours.target_embedding(target))]
    mask, padding = ~causal_mask(T_Q), ~SOURCE_PADDING
    decoded = theirs(*embedded, tgt_mask=mask, src_key_padding_mask=padding, memory_key_padding_mask=padding)
    other = decoded @ ours.target_embedding.table.T
    assert_same_outputs(mine, other)
    weighted(mine).backward(), weighted(other).backward()
    assert_same_gradients(pairs)


@pytest.mark.parametrize("positions", POSITIONS)
def test_no_output_sees_a_later_target(positions: str) -> None:
    model = randomise(Transformer(replace(CONFIG, positions=positions)))
    source, target = tokens(T_K, 11), tokens(T_Q, 13, seed=2)
    changed = target.clone()
    changed[:, 3:] = target[:, 3:] % 12 + 1
    before, after = model(source, target), model(source, changed)
    assert torch.equal(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3:], after[:, 3:])


@pytest.mark.parametrize("positions", POSITIONS)
def test_padding_changes_nothing(positions: str) -> None:
    model = randomise(Transformer(replace(CONFIG, positions=positions)))
    source, target = tokens(T_K, 11), tokens(T_Q, 13, seed=2)
    padded = [torch.nn.functional.pad(words, (0, 4)) for words in (source, target)]
    assert_same_outputs(model(*padded)[:, :T_Q], model(source, target))


def test_cross_attention_reads_the_memory_and_not_the_target() -> None:
    model = randomise(Transformer(CONFIG))
    source, target = tokens(T_K, 11), tokens(T_Q, 13, seed=2)
    assert not torch.allclose(model(source, target), model(source.flip(1), target))


def test_embeddings_are_scaled_and_can_be_one_table() -> None:
    embedding = TokenEmbedding(1000, 64)
    assert abs(embedding.table.std().item() * 8 - 1) < 0.02
    assert torch.allclose(embedding(torch.tensor([[5]])), embedding.table[5] * 8)
    tied, shared = Transformer(CONFIG), Transformer(replace(CONFIG, target_vocab_size=11, shared=True))
    assert tied.output.weight is tied.target_embedding.table
    assert shared.output.weight is shared.source_embedding.table
    loose = Transformer(replace(CONFIG, tied=False))
    assert count(loose) == count(tied) + 13 * D_MODEL


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_unknown_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="positions='clock' must be one of"):
        Transformer(replace(CONFIG, positions="clock"))


def test_decoder_passes_both_masks_on() -> None:
    decoder = randomise(Decoder(block_config(True, "relu")))
    x, memory = states(T_Q), states(T_K, seed=2)
    changed = memory.clone()
    changed[:, -1] += 1
    blocked = torch.arange(T_K) < T_K - 1
    assert torch.equal(decoder(x, memory, None, blocked), decoder(x, changed, None, blocked))
    assert not torch.allclose(decoder(x, memory), decoder(x, changed))


def test_cross_attention_equals_torchs_with_another_length_and_padding() -> None:
    ours, theirs = (
        randomise(MultiHeadAttention(D_MODEL, H)),
        nn.MultiheadAttention(D_MODEL, H, batch_first=True).double(),
    )
    copy_weights(attention_pairs(ours, theirs))
    x, memory = states(T_Q), states(T_K, seed=2)
    mine = cross_attend(ours, x, memory, SOURCE_PADDING[:, None, None])
    other, _ = theirs(x, memory, memory, key_padding_mask=~SOURCE_PADDING)
    assert_same_outputs(mine, other)


def test_positions_run_along_the_words_of_every_sentence() -> None:
    x = torch.zeros(B, T_Q, D_MODEL, dtype=torch.float64)
    added = SinusoidalPositions()(x)
    assert added.dtype == x.dtype
    assert torch.equal(added[0], added[1])
    assert torch.equal(added[0, 0, :4], torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64))
    assert torch.allclose(added[:, 2, 0], torch.tensor(2.0, dtype=torch.float64).sin())


def test_one_table_needs_one_vocabulary() -> None:
    with pytest.raises(ValueError, match="shared=True needs one vocabulary, but its two sizes are 11 and 13"):
        replace(CONFIG, shared=True)


def test_every_decoder_layer_reads_the_memory() -> None:
    decoder = randomise(Decoder(replace(block_config(True, "relu"), n_layers=3)))
    for reader in range(3):
        weights = {name: weight.clone() for name, weight in decoder.state_dict().items()}
        for index, layer in enumerate(decoder.layers):
            if index != reader:
                nn.init.zeros_(layer.cross_attention.w_o.weight), nn.init.zeros_(layer.cross_attention.w_o.bias)
        x, memory = states(T_Q), states(T_K, seed=2)
        assert not torch.allclose(decoder(x, memory), decoder(x, -memory)), f"layer {reader} does not read it"
        decoder.load_state_dict(weights)


def test_dropout_acts_in_training_alone() -> None:
    model = Transformer(replace(CONFIG, dropout=0.5))
    source, target = tokens(T_K, 11), tokens(T_Q, 13, seed=2)
    assert not torch.equal(model(source, target), model(source, target))
    model.eval()
    assert torch.equal(model(source, target), model(source, target))


@pytest.mark.parametrize(
    "sizes", [{}, {"vocab_size": 1000}, {"d_model": 1024, "d_ff": 4096}, {"d_model": 64, "d_ff": 96, "n_layers": 2}]
)
def test_parameters_part_by_part_are_those_of_the_model(sizes: dict[str, int]) -> None:
    size = {"vocab_size": 37_000, "d_model": 512, "d_ff": 2048, "n_layers": 6} | sizes
    vocab_size = size.pop("vocab_size")
    config = TransformerConfig(
        **size, n_heads=8, norm_first=False, shared=True, source_vocab_size=vocab_size, target_vocab_size=vocab_size
    )
    with torch.device("meta"):
        model = Transformer(config)
    parts = n_parameters_of_base_model(**sizes)
    assert parts == {
        "embedding": model.output.weight.numel(),
        "encoder": count(model.encoder),
        "decoder": count(model.decoder),
    }
    assert sum(parts.values()) == count(model)


def test_base_model_is_within_three_percent_of_the_papers_65_million() -> None:
    assert sum(n_parameters_of_base_model().values()) == 63_082_496
    assert abs(sum(n_parameters_of_base_model().values()) / 65e6 - 1) < 0.03
    assert abs(sum(n_parameters_of_base_model(d_model=1024, d_ff=4096).values()) / 213e6 - 1) < 0.01


@pytest.mark.parametrize(("n_source", "n_target"), [(7, 5), (1, 9), (20, 1)])
def test_flops_by_kind_are_those_that_torch_counts(n_source: int, n_target: int) -> None:
    model = Transformer(CONFIG).eval()
    with FlopCounterMode(display=False) as counter:
        model(tokens(n_source, 11)[:1], tokens(n_target, 13)[:1])
    total = {name: sum(products.values()) for name, products in counter.get_flop_counts().items()}
    counted = dict.fromkeys(flops(CONFIG, 1, 1), 0)
    for name, n_flops in total.items():
        last = name.split(".")[-1]
        if last in ("feed_forward", "output"):
            counted[last] += n_flops
        elif last in ("w_q", "w_k", "w_v", "w_o"):
            counted["projections"] += n_flops
    counted["attention"] = counter.get_total_flops() - sum(counted.values())
    assert counted == flops(CONFIG, n_source, n_target)
