"""The KV cache: cached is uncached, for every kind of position, padded or not, and whatever the beams do."""

import pytest
import torch
from torch import Tensor

from course.attention import causal_mask
from course.decoding import beam_search, greedy
from course.kv_cache import (
    Cached,
    CachedAttention,
    CachedTransformer,
    KVCache,
    SteppingTransformer,
    attend_to_cache,
    attend_to_memory,
    decoder_step,
    mask_of_newest,
)
from course.multi_head import MultiHeadAttention
from course.positions import AlibiAttention, RotaryAttention, alibi_bias
from course.transformer import Transformer, TransformerConfig
from tests.oracles import marian, translator
from tests.parity import randomise

SOURCE = torch.tensor([[3, 4, 5, 6, 7], [8, 9, 3, 0, 0], [10, 11, 12, 5, 0]])  # padded behind with 0
POSITIONS = ["none", "sinusoidal", "learned", "rotary", "alibi"]
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}
every_position = pytest.mark.parametrize("positions", POSITIONS)
every_norm = pytest.mark.parametrize("norm_first", [True, False])


def drawn(*shape: int, low: int = 3, high: int = 13, seed: int = 0) -> Tensor:
    return torch.randint(low, high, shape, generator=torch.Generator().manual_seed(seed))


def uncached(model: Transformer, source: Tensor):
    memory = model.encode(source)
    return lambda tokens: model.decode(tokens, memory, source)[:, -1]


def never_padding(next_logits):
    return lambda tokens: next_logits(tokens).index_fill(-1, torch.tensor([0]), -torch.inf)


def random_model(seed: int, dtype: torch.dtype = torch.float64, **choices: object) -> Transformer:
    sizes = {"d_model": 12, "n_heads": 3, "d_ff": 20, "n_layers": 2, "source_vocab_size": 13, "target_vocab_size": 13}
    return randomise(Transformer(TransformerConfig(**(sizes | choices))), dtype, seed).eval()


def prompts(n_rows: int, low: int = 3) -> Tensor:
    return torch.cat([torch.ones(n_rows, 1, dtype=torch.long), drawn(n_rows, 11, low=low)], dim=1)


def assert_same(ours: Tensor, theirs: Tensor) -> None:
    tolerance = TOLERANCE[theirs.dtype]
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@every_norm
@every_position
def test_cached_is_uncached_token_by_token(positions, norm_first, dtype):
    model = random_model(0, dtype, positions=positions, norm_first=norm_first)
    cached, slow, tokens = CachedTransformer(model, SOURCE, 12), uncached(model, SOURCE), prompts(3)
    for t in range(1, 13):
        assert_same(cached(tokens[:, :t]), slow(tokens[:, :t]))


@every_position
def test_cached_is_uncached_when_tokens_come_in_pieces_with_padding_among_them(positions):
    """Prompts of several tokens, and <pad> among the target's own, also in front."""
    model, tokens = random_model(1, positions=positions), prompts(3, low=-3).clamp(min=0)
    tokens[1, :2] = 0
    cached, slow = CachedTransformer(model, SOURCE, 12), uncached(model, SOURCE)
    for t in (4, 5, 9, 12):
        assert_same(cached(tokens[:, :t]), slow(tokens[:, :t]))


@every_position
def test_beams_that_change_places_keep_their_past(positions):
    model, source = random_model(2, positions=positions), SOURCE[:1]
    cached, slow, tokens = (
        CachedTransformer(model, source, 12),
        uncached(model, source),
        torch.ones(1, 1, dtype=torch.long),
    )
    for step in range(11):
        assert_same(cached(tokens), slow(tokens))
        rows = drawn(
            1 + 3 * (step % 2) + step % 3, low=0, high=len(tokens), seed=step
        )  # twice, not at all, more, fewer
        tokens = torch.cat([tokens[rows], drawn(len(rows), 1, seed=100 + step)], dim=1)


def test_what_was_read_is_not_read_again():
    class Counts(CachedTransformer):
        def read(self, tokens: Tensor, start: int) -> Tensor:
            new.append(tokens.shape[1] - start)
            return super().read(tokens, start)

    new: list[int] = []
    cached, tokens = Counts(random_model(0), SOURCE[:1], 12), prompts(4)
    cached(tokens[:1, :3]), cached(tokens[:1, :4])
    rows = torch.cat([tokens[[0, 0], :4], torch.tensor([[5], [6]])], dim=1)
    cached(rows), cached(torch.cat([rows[[1, 0, 1]], drawn(3, 1)], dim=1))
    assert new == [3, 1, 1, 1]
    cached(tokens[:, :2])
    cached(drawn(4, 8))
    assert new == [3, 1, 1, 1, 2, 8], "new beginnings are read from their start"


@every_position
def test_anything_may_be_asked_in_any_order(positions):
    model = random_model(3, positions=positions)
    for source in (SOURCE, SOURCE[:1]):
        cached, slow = CachedTransformer(model, source, 12), uncached(model, source)
        for n_rows, t, seed in ((3, 4, 0), (3, 4, 0), (3, 2, 0), (3, 9, 1), (3, 12, 1), (3, 1, 2)):
            tokens = drawn(n_rows, 12, seed=seed)[:, :t]
            for rows in (torch.arange(3), torch.tensor([2, 0, 1])):
                assert_same(cached(tokens[rows]), slow(tokens[rows]))


def test_a_caller_may_write_in_its_own_tokens():
    model = random_model(0)
    cached, slow, tokens = CachedTransformer(model, SOURCE[:1], 12), uncached(model, SOURCE[:1]), prompts(2)
    cached(tokens[:, :5])
    tokens[0] = tokens[1]
    assert_same(cached(tokens[:, :6]), slow(tokens[:, :6]))


@every_position
def test_greedy_and_beam_search_write_the_same_with_and_without(positions):
    for seed in range(3):
        model, start = translator(seed, positions=positions), torch.ones(3, 1, dtype=torch.long)
        assert greedy(CachedTransformer(model, SOURCE, 20), start, 20) == greedy(uncached(model, SOURCE), start, 20)
        for row in range(3):
            source = SOURCE[row : row + 1]
            mine = beam_search(CachedTransformer(model, source, 13), start[:1], 4, 12)
            slow = beam_search(uncached(model, source), start[:1], 4, 12)
            assert mine[0] == slow[0]
            assert mine[1] == pytest.approx(slow[1], abs=1e-9)


def test_generate_of_transformers_writes_the_same():
    for seed in range(6):
        model, source = translator(seed), SOURCE[:1]
        theirs = marian(model).generate(source, attention_mask=torch.ones_like(source), max_new_tokens=20, num_beams=3,
                                        length_penalty=0.6, early_stopping="never")  # fmt: skip
        mine, _ = beam_search(CachedTransformer(model, source, 21), torch.tensor([[1]]), 3, 20, 0.6)
        assert mine == theirs[0, 1:][(theirs[0, 1:] != 2) & (theirs[0, 1:] != 0)].tolist()


@pytest.mark.parametrize("kind", [MultiHeadAttention, RotaryAttention, AlibiAttention])
@pytest.mark.parametrize("bias", [True, False])
def test_attention_in_pieces_is_attention_at_once(kind, bias):
    layer, x = randomise(kind(12, 3, bias)), torch.randn(2, 9, 12, generator=torch.Generator().manual_seed(0)).double()
    cached, cache, pieces = CachedAttention(layer), KVCache(9), []
    with torch.no_grad():
        for start, stop in ((0, 4), (4, 5), (5, 6), (6, 9)):
            mask = causal_mask(stop)[start:]
            if kind is AlibiAttention:
                mask = alibi_bias(3, stop, stop)[:, start:].double().masked_fill(~mask, -torch.inf)
            pieces.append(cached(x[:, start:stop], cache, mask))
        torch.testing.assert_close(torch.cat(pieces, dim=1), layer(x, x, x, causal_mask(9)), rtol=1e-12, atol=1e-12)


def test_room_is_made_once_and_what_is_stored_is_what_came():
    cache, generator = KVCache(7), torch.Generator().manual_seed(0)
    keys, values = (torch.randn(2, 3, 7, d, generator=generator, dtype=torch.float64) for d in (4, 5))
    addresses = set()
    for start, stop in ((0, 3), (3, 4), (4, 7)):
        stored = cache(keys[:, :, start:stop], values[:, :, start:stop])
        assert torch.equal(stored[0], keys[:, :, :stop])
        assert torch.equal(stored[1], values[:, :, :stop])
        addresses.add((stored[0].data_ptr(), stored[1].data_ptr()))
    assert len(addresses) == 1
    assert cache.length == 7
    cache.reorder(torch.tensor([1, 0, 1]))
    assert torch.equal(cache.keys, keys[[1, 0, 1]])
    assert torch.equal(cache.values, values[[1, 0, 1]])
    with pytest.raises(ValueError, match="max_length=7"):
        cache(keys[[1, 0, 1], :, :1], values[[1, 0, 1], :, :1])


def test_one_new_row_needs_no_mask_unless_there_is_padding():
    tokens = torch.tensor([[1, 5, 6], [1, 0, 7]])
    assert mask_of_newest(tokens[:1], 2) is None
    assert mask_of_newest(tokens, 2).tolist() == [[[[True, True, True]]], [[[True, False, True]]]]
    assert mask_of_newest(tokens[:1], 1).tolist() == [[[[True, True, False], [True, True, True]]]]


def test_a_model_in_training_is_read_without_dropout_and_left_as_it_was():
    model = random_model(0, dropout=0.5)
    cached, tokens = CachedTransformer(model.train(), SOURCE, 12), prompts(3)
    assert model.training
    assert_same(cached(tokens), uncached(model.eval(), SOURCE)(tokens))


def test_a_model_of_ones_own_writes_read_alone():
    class Table(Cached):
        def read(self, tokens: Tensor, start: int) -> Tensor:
            new = torch.nn.functional.one_hot(tokens[:, start:], 5).double()[:, None]
            return self.caches[0](new, new)[0].sum(dim=(1, 2))

    counts, tokens = Table(1, 9), drawn(2, 9, low=0, high=5)
    for t in (2, 3, 7, 9, 4):
        assert counts(tokens[:, :t]).tolist() == [torch.bincount(row, minlength=5).tolist() for row in tokens[:, :t]]


class Held(Cached):
    """Keeps the tokens themselves as keys, and answers with all that it holds; notes down where each reading starts."""

    def __init__(self) -> None:
        super().__init__(n_layers=1, max_length=9)
        self.starts: list[int] = []

    def read(self, tokens: Tensor, start: int) -> Tensor:
        self.starts.append(start)
        new = tokens[:, None, start:, None].double()  # (B, 1, n, 1)
        return self.caches[0](new, new)[0][:, 0, :, 0]  # (B, T)


SEEN = [[1, 5, 6], [1, 7, 8]]
NEXT = [  # what is asked after SEEN, from where it is read, and why
    ([[1, 5, 6, 9], [1, 7, 8, 9]], 3, "both rows go on"),
    ([[1, 5, 6, 9, 9], [1, 7, 8, 9, 9]], 3, "by several tokens"),
    ([[1, 7, 8, 9], [1, 5, 6, 9]], 3, "the rows have changed places"),
    ([[1, 7, 8, 3], [1, 7, 8, 4]], 3, "one row goes on twice, the other not at all"),
    ([[1, 5, 6, 3]], 3, "one row is gone"),
    ([[1, 7, 8, 3], [1, 5, 6, 3], [1, 7, 8, 4]], 3, "there are more rows than before"),
    ([[1, 5, 6, 9], [1, 7, 4, 9]], 0, "one row has another beginning, and then all are read anew"),
    ([[1, 5, 6], [1, 7, 8]], 0, "nothing is new, but the answer is asked for again"),
    ([[1, 7, 8], [1, 5, 6]], 0, "nothing is new, in another order"),
    ([[1, 5], [1, 7]], 0, "a token is taken back"),
    ([[2, 5, 6, 9], [1, 7, 8, 9]], 0, "the first token is another"),
]


@pytest.mark.parametrize(("tokens", "start", "why"), NEXT)
def test_rows_are_aligned_with_what_was_read(tokens, start, why):
    """Rows are known by their tokens: one that goes on from what was read takes over what is held of that."""
    held = Held()
    held(torch.tensor(SEEN))
    assert held(torch.tensor(tokens)).tolist() == tokens, "what the caches hold is what was asked"
    assert held.starts == [0, start], why


def test_the_same_tokens_asked_twice_get_the_same_answer():
    cached, tokens = CachedTransformer(random_model(0), SOURCE, 12), prompts(3)[:, :5]
    assert_same(cached(tokens), cached(tokens))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@every_norm
@pytest.mark.parametrize("positions", [name for name in POSITIONS if name != "alibi"])
def test_stepping_is_uncached_token_by_token_and_in_pieces(positions, norm_first, dtype):
    model = random_model(7, dtype, positions=positions, norm_first=norm_first)
    slow, tokens = uncached(model, SOURCE[:1]), prompts(3)
    for lengths in (range(1, 13), (4, 5, 12)):
        stepping = SteppingTransformer(model, SOURCE[:1], 12)
        for t in lengths:
            with torch.inference_mode():
                assert_same(stepping(tokens[:, :t]), slow(tokens[:, :t]))


def test_stepping_writes_what_the_uncached_writes_also_with_beams_and_leaves_the_model_training():
    model = random_model(8, positions="rotary", dropout=0.5).train()
    begin, stepping = torch.ones(1, 1, dtype=torch.long), SteppingTransformer(model, SOURCE[:1], 12)
    assert model.training
    slow = uncached(model.eval(), SOURCE[:1])
    for way in (lambda asked: greedy(asked, begin, 11), lambda asked: beam_search(asked, begin, 3, 11)[0]):
        assert way(never_padding(stepping)) == way(never_padding(slow))


@pytest.mark.parametrize(("source", "positions"), [(SOURCE, "rotary"), (SOURCE[:1], "alibi")])
def test_stepping_refuses_what_its_step_does_not_know(source, positions):
    with pytest.raises(ValueError, match=f"{len(source)} sources, positions='{positions}'"):
        SteppingTransformer(random_model(0, positions=positions), source, 12)


@pytest.mark.parametrize("lengths", [[1, 1, 1, 1], [4], [2, 1, 1], [1, 3]])
@pytest.mark.parametrize("kind", [MultiHeadAttention, RotaryAttention])
def test_attention_to_the_cache_in_pieces_is_attention_under_the_causal_mask(kind, lengths):
    layer = randomise(kind(12, 3), torch.float64, 0)
    x, cache = torch.randn(2, 4, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(1)), KVCache(4)
    rotary = kind is RotaryAttention
    pieces = [attend_to_cache(layer, piece, cache, rotary) for piece in x.split(lengths, dim=1)]
    assert_same(torch.cat(pieces, dim=1), layer(x, x, x, causal_mask(4)))
    assert cache.length == 4


def test_attention_to_a_memory_is_cross_attention():
    layer = randomise(MultiHeadAttention(12, 3), torch.float64, 0)
    x, memory = (drawn(rows, T, 12).double() for rows, T in ((3, 2), (1, 5)))
    _, keys, values = layer.project(memory, memory, memory)
    memory = memory.expand(3, -1, -1)
    assert_same(attend_to_memory(layer, x, keys, values), layer(x, memory, memory))


def test_a_step_of_the_decoder_is_its_last_position():
    model = random_model(9)
    x, memory = (torch.randn(1, T, 12, dtype=torch.float64) for T in (5, 3))
    caches = [KVCache(5) for _ in model.decoder.layers]
    memories = [layer.cross_attention.project(memory, memory, memory)[1:] for layer in model.decoder.layers]
    steps = [decoder_step(model.decoder, x[:, t : t + 1], caches, memories) for t in range(5)]
    assert_same(torch.cat(steps, dim=1), model.decoder(x, memory, causal_mask(5)))
