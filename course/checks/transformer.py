"""The exercises of lesson 08: cases, laws, and the mistakes that people make."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course import transformer
from course.checks import transformer_cases as given
from course.checks.exercise import Case, Draw, Exercise, Law, Mistake
from course.transformer import TransformerConfig

READ = "attention(x, memory, memory, memory_mask)"

cross_attend = Exercise(
    reference=transformer.cross_attend,
    see="lesson 08, 'The decoder asks, the encoder answers'",
    cases=given.cross_cases,
    gradients=True,
    laws=(
        Law("what memory_mask forbids is never read", change=given.change_blocked_memory,
            holds=lambda case, out, changed: np.array_equal(out, changed)),
    ),
    mistakes=(
        Mistake("K and V from the decoder", ((READ, "attention(x, x, x)"),),
                "keys and values are taken from the decoder's own x: it then talks to itself, and the source sentence is never read."),
        Mistake("decoder and encoder swapped", ((READ, "attention(memory, x, x)"),),
                "the encoder asks and the decoder answers: the output then has one vector for each source word, but it must have one for each target word."),
        Mistake("only the keys from the encoder", ((READ, "attention(x, memory, x, memory_mask)"),),
                "the decoder compares itself with the encoder's keys but then reads its own values; what is found must be read where it was found."),
        Mistake("only the values from the encoder", ((READ, "attention(x, x, memory)"),),
                "the keys are the decoder's own; a key has to come from the same word as the value that it leads to."),
        Mistake("mask not passed on", ((READ, "attention(x, memory, memory)"),), "memory_mask never reaches the attention, so padding in the source is read like words."),
        Mistake("mask inverted", ((READ, "attention(x, memory, memory, None if memory_mask is None else ~memory_mask)"),),
                "the mask is turned round, and now only padding is read: True means may attend, everywhere in this course."),
        Mistake("residual inside", ((READ, "x + " + READ),), "x is added here already; the decoder layer's residual connection does that, and it would be added twice."),
        Mistake("memory detached", ((READ, "attention(x, memory.detach(), memory.detach(), memory_mask)"),),
                "the memory is detached: the values are right, but this is the only way by which the encoder can learn anything."),
    ),
)  # fmt: skip


LOOK_UP = "self.table[tokens] * math.sqrt(self.table.shape[-1])"

token_embedding = Exercise(
    reference=transformer.TokenEmbedding,
    see="lesson 08, 'A row for each token, at the right size'",
    cases=given.embedding_cases,
    gradients=True,
    laws=(
        Law("fresh embeddings have mean 0 and standard deviation 1", change=given.fresh_table,
            holds=lambda case, out, fresh: abs(fresh.mean()) < 0.03 and abs(fresh.std() - 1) < 0.03),
    ),
    mistakes=(
        Mistake("not scaled", ((LOOK_UP, "self.table[tokens]"),),
                "the rows are not multiplied by the square root of d_model: beside positions of size 1 the words would hardly be heard."),
        Mistake("scaled by d_model", ((LOOK_UP, "self.table[tokens] * self.table.shape[-1]"),), "the rows are multiplied by d_model itself; it is its square root."),
        Mistake("divided", ((LOOK_UP, "self.table[tokens] / math.sqrt(self.table.shape[-1])"),),
                "the rows are divided by the root, which makes small numbers smaller; in attention one divides, here one multiplies."),
        Mistake("scaled by the vocabulary", ((LOOK_UP, "self.table[tokens] * math.sqrt(len(self.table))"),),
                "the root is that of the number of rows; it is that of the number of features in a row."),
        Mistake("scaled by the length", ((LOOK_UP, "self.table[tokens] * math.sqrt(tokens.shape[-1])"),),
                "the root is that of the sentence's length, so a word would be louder in a longer sentence."),
        Mistake("drawn from N(0, 1)", ((" / math.sqrt(d_model))", ")"),),
                "a fresh table is drawn from N(0, 1): scaled up, its rows drown the positions, and as an output layer it makes logits of the size of the root of d_model."),
        Mistake("drawn from N(0, 1/d_model^2)", ((" / math.sqrt(d_model))", " / d_model)"),),
                "a fresh table has the standard deviation 1/d_model: the variance is 1/d_model, so its root is asked for."),
        Mistake("padding emptied", ((LOOK_UP, LOOK_UP + " * (tokens != 0)[..., None]"),),
                "token 0 gets zeros: padding is kept out by masks, and the table treats all its rows alike."),
        Mistake("detached table", ((LOOK_UP, "self.table.detach()[tokens] * math.sqrt(self.table.shape[-1])"),),
                "the table is detached: the values are right, but no word could ever learn what it means."),
    ),
)  # fmt: skip


ADDED = "x + sinusoidal_positions(*x.shape[-2:]).to(x)"

sinusoidal_positions = Exercise(
    reference=transformer.SinusoidalPositions,
    see="lesson 08, 'A place for each row'",
    cases=given.position_cases,
    gradients=True,
    mistakes=(
        Mistake("along the batch", ((ADDED, "x + sinusoidal_positions(x.shape[0], x.shape[-1])[:, None].to(x)"),),
                "the positions run along the batch: every word of a sentence gets the same vector, and it changes with the place of the sentence in the batch."),
        Mistake("nothing added", ((ADDED, "sinusoidal_positions(*x.shape[-2:]).to(x).expand(x.shape)"),), "the positions replace the words instead of being added to them."),
        Mistake("positions forgotten", ((ADDED, "x"),), "x comes back as it was, and a Transformer without positions cannot tell a sentence from its words in a bag."),
        Mistake("first position is 1", ((ADDED, "x + sinusoidal_positions(x.shape[-2] + 1, x.shape[-1])[1:].to(x)"),),
                "the first word gets position 1; positions are counted from 0, where every sine is 0 and every cosine is 1."),
        Mistake("one position for all", ((ADDED, "x + sinusoidal_positions(1, x.shape[-1]).to(x)"),), "every word gets position 0, so they are all in the same place."),
        Mistake("scaled", ((ADDED, "x + sinusoidal_positions(*x.shape[-2:]).to(x) * x.shape[-1] ** 0.5"),),
                "the positions are scaled up as well; only the embeddings are."),
        Mistake("multiplied", ((ADDED, "x * sinusoidal_positions(*x.shape[-2:]).to(x)"),), "the positions are multiplied in: at position 0 half of them are 0, and there the word would be wiped out."),
        Mistake("backwards", ((ADDED, "x + sinusoidal_positions(*x.shape[-2:]).flip(0).to(x)"),),
                "the positions are counted from the end, so a word's place would depend on how long the sentence becomes."),
    ),
)  # fmt: skip


SELF = "self.dropout(self.self_attention(y, y, y, mask)), self.norm_1"
CROSS = "self.dropout(cross_attend(self.cross_attention, y, memory, memory_mask)), self.norm_2"
FEED = "self.dropout(self.feed_forward(y)), self.norm_3"
NO_LATER = Law("no output sees a later position under a causal mask", holds=given.all_but_last_equal, change=given.change_last_word)
NO_PADDING = Law("what memory_mask forbids is never read", change=given.change_blocked_memory,
                 holds=lambda case, out, changed: np.array_equal(out, changed))  # fmt: skip
SOURCE_COUNTS = Law("another memory gives another output", change=given.turn_memory,
                    holds=lambda case, out, changed: not np.allclose(out, changed))  # fmt: skip

decoder_layer = Exercise(
    reference=transformer.DecoderLayer,
    see="lesson 08, 'The decoder layer'",
    cases=lambda draw: given.layer_cases(transformer.DecoderLayer, draw),
    gradients=True,
    laws=(NO_LATER, NO_PADDING, SOURCE_COUNTS),
    mistakes=(
        Mistake("K and V from the decoder", ((CROSS, "self.dropout(self.cross_attention(y, y, y, mask)), self.norm_2"),),
                "the cross-attention takes keys and values from the decoder itself, so the source is never read: the loss falls, as in any language model, but this one translates nothing."),
        Mistake("no cross-attention", (("        x = residual(\n            x, lambda y: " + CROSS + ", self.norm_first\n        )\n", ""),),
                "the memory is never read: without cross-attention nothing of the source reaches the target."),
        Mistake("memory mask not passed on", ((CROSS, CROSS.replace(", memory_mask", "")),), "memory_mask does not reach the cross-attention: padding in the source is read like words."),
        Mistake("target mask not passed on", ((SELF, SELF.replace(", mask", "")),),
                "mask does not reach the self-attention: every position sees the later ones, that is, the answers it is to give."),
        Mistake("masks swapped", ((SELF, SELF.replace("mask", "memory_mask")), (CROSS, CROSS.replace("memory_mask", "mask"))),
                "the two masks are swapped: mask belongs to the self-attention, memory_mask to the cross-attention."),
        Mistake("mask inverted", ((SELF, SELF.replace(", mask", ", None if mask is None else ~mask")),),
                "the target's mask is turned round: each position now sees only the later ones, when True means may attend."),
        Mistake("cross-attention first", ((SELF, CROSS), ("\n            x, lambda y: " + CROSS, "\n            x, lambda y: " + SELF)),
                "the cross-attention comes before the self-attention; first the decoder looks at what it has written, then it asks the source."),
        Mistake("feed-forward before cross-attention", (("\n            x, lambda y: " + CROSS, "\n            x, lambda y: " + FEED), ("return residual(x, lambda y: " + FEED, "return residual(x, lambda y: " + CROSS)),
                "the feed-forward network stands between the two attentions; it comes last, to work on what both have found."),
        Mistake("one norm for all", ((CROSS, CROSS.replace("norm_2", "norm_1")), (FEED, FEED.replace("norm_3", "norm_1"))),
                "all three sub-layers use the first norm; each has its own, since each gets numbers of another kind."),
        Mistake("one attention for both", ((CROSS, CROSS.replace("self.cross_attention", "self.self_attention")),),
                "the self-attention's weights are used to read the source as well; looking at oneself and looking at the source are learned apart."),
        Mistake("memory normalised again", ((CROSS, CROSS.replace("memory,", "self.norm_2(memory),")),),
                "the memory goes through the decoder's norm: the encoder's own last norm has already done that, and norm_2 is for the decoder's side alone."),
        Mistake("adds the normalised x", (("x = residual(x, lambda y: " + SELF + ", self.norm_first)", "x = self.norm_1(x) if self.norm_first else x\n        x = x + self.dropout(self.self_attention(x, x, x, mask))\n        x = x if self.norm_first else self.norm_1(x)"),),
                "around the self-attention the normalised x is added instead of x: the straight road through the stack is cut."),
        Mistake("dropout in eval", ((SELF, SELF.replace("self.dropout(self.self_attention(y, y, y, mask))", "nn.functional.dropout(self.self_attention(y, y, y, mask), self.dropout.p)")),),
                "dropout also acts when the model is not training: nn.functional.dropout does not know about eval(), an nn.Dropout layer does."),
    ),
)  # fmt: skip


THROUGH = "x = layer(x, memory, mask, memory_mask)"

decoder = Exercise(
    reference=transformer.Decoder,
    see="lesson 08, 'A stack that looks back'",
    cases=lambda draw: given.layer_cases(transformer.Decoder, draw, n_layers=3),
    gradients=True,
    laws=(NO_LATER, NO_PADDING, SOURCE_COUNTS),
    mistakes=(
        Mistake("no last norm", (("return self.norm(x)", "return x"),),
                "the last norm is missing: three sub-layers of each pre-norm layer have added to the stream, and nothing brings it back to size before the logits."),
        Mistake("memory read once", ((THROUGH, THROUGH + "\n            memory = x"),),
                "only the first layer reads the encoder's output, the others read the decoder's own x; every layer reads the same memory."),
        Mistake("norm after every layer", ((THROUGH, "x = self.norm(layer(x, memory, mask, memory_mask))"), ("return self.norm(x)", "return x")),
                "the last norm is applied after every layer: it stands once, behind the whole stack."),
        Mistake("target mask not passed on", ((THROUGH, "x = layer(x, memory, None, memory_mask)"),), "the layers do not get mask, so every position sees the later ones."),
        Mistake("memory mask not passed on", ((THROUGH, "x = layer(x, memory, mask)"),), "the layers do not get memory_mask, so padding in the source is read like words."),
        Mistake("masks for the first layer only", ((THROUGH, THROUGH + "\n            mask = memory_mask = None"),),
                "only the first layer gets the masks; from the second on the future and the padding are open."),
        Mistake("layers side by side", (("for layer in self.layers:", "start = x\n        for layer in self.layers:"), (THROUGH, THROUGH.replace("layer(x", "layer(start"))),
                "every layer gets the stack's input; each should get what the layer before it gave."),
        Mistake("one layer", (("for layer in self.layers:", "for layer in self.layers[:1]:"),), "only the first layer is used."),
        Mistake("backwards", (("in self.layers:", "in reversed(self.layers):"),), "the layers run in the wrong order, the last one first."),
        Mistake("one layer many times", (("DecoderLayer(config) for _ in range(config.n_layers)", "[DecoderLayer(config)] * config.n_layers"),),
                "all layers are one and the same object: a list times n repeats the layer, it does not make new ones."),
    ),
)  # fmt: skip


WORDS = "self.dropout(self.positions(self.target_embedding(target)))"
ENCODED = "return self.encoder(x, padding_mask(source))"
MASK = "causal_mask(target.shape[-1]) & padding_mask(target)"
DECODED = "self.output(self.decoder(x, memory, mask, padding_mask(source)))"
SEES = "torch.ones(target.shape[-1], target.shape[-1], dtype=torch.bool).tril({}) & padding_mask(target)"

whole = Exercise(
    reference=transformer.Transformer,
    see="lesson 08, 'The whole Transformer'",
    cases=given.model_cases,
    gradients=True,
    laws=(
        Law("no output sees a later target token", holds=given.all_but_last_equal, change=given.change_last_token),
        Law("padding changes nothing", change=given.pad_more,
            holds=lambda case, out, padded: np.allclose(out, padded[:, : out.shape[1]], rtol=1e-9, atol=1e-9)),
        Law("another source gives another output", change=given.change_source,
            holds=lambda case, out, changed: not np.allclose(out, changed)),
    ),
    mistakes=(
        Mistake("weights not tied", (("if self.config.tied:", "if False:"),),
                "the output layer has a matrix of its own: config.tied asks for one table for both, and the number of parameters tells."),
        Mistake("tied to the source's table", (("self.output.weight = self.target_embedding.table", "self.output.weight = self.source_embedding.table"),),
                "the output layer is tied to the source's table; it gives scores for target words, so it is the target's."),
        Mistake("tables not shared", (("if self.config.shared:", "if False:"),),
                "with config.shared and config.tied there is one table for source, target and output; here there are more, either because nothing is shared or because the output was tied before the tables were."),
        Mistake("always tied", (("if self.config.tied:", "if True:"),), "config.tied=False is ignored: then the output layer keeps a matrix of its own."),
        Mistake("dropout in eval", ((WORDS, "nn.functional.dropout(self.positions(self.target_embedding(target)), self.dropout.p)"),),
                "dropout also acts when the model is not training: nn.functional.dropout does not know about eval(), an nn.Dropout layer does."),
        Mistake("no causal mask", ((MASK, "padding_mask(target)"),),
                "there is no causal mask: each position sees the word it has to predict, so the loss falls to nothing and the model cannot write a single sentence."),
        Mistake("causal mask shifted", ((MASK, SEES.format(1)),),
                "the causal mask is off by one: each position also sees the next one, which is precisely the word it has to predict."),
        Mistake("causal mask without itself", ((MASK, SEES.format(-1)),),
                "the causal mask is off by one: a position must see itself too, it is the last word that was written."),
        Mistake("causal mask inverted", ((MASK, "~" + MASK),), "the causal mask is turned round: each position sees only what comes after it."),
        Mistake("causal mask transposed", ((MASK, MASK.replace(")", ").T", 1)),),
                "the causal mask lies on its side: each position sees itself and what comes after it, but it may see itself and what came before."),
        Mistake("target padding not masked", ((MASK, "causal_mask(target.shape[-1])"),),
                "padding in the target is read: at the end of a sentence the causal mask happens to hide it from all words, in front of one nothing does."),
        Mistake("target's padding mask for the source", ((DECODED, DECODED.replace("source", "target")),),
                "the cross-attention gets the target's padding mask; it looks at the source, so it needs the source's."),
        Mistake("memory mask not passed on", ((DECODED, DECODED.replace(", padding_mask(source)", "")),), "the cross-attention is not told which tokens of the source are padding."),
        Mistake("source padding not masked", ((ENCODED, "return self.encoder(x)"),), "the encoder gets no mask, so every word of the source also reads padding."),
        Mistake("encoder with a causal mask", ((ENCODED, "return self.encoder(x, causal_mask(source.shape[-1]) & padding_mask(source))"),),
                "the encoder has a causal mask; the whole source is known from the start, and each of its words may look both ways."),
        Mistake("memory before the last layer", ((ENCODED, "for layer in self.encoder.layers[:-1]:\n            x = layer(x, padding_mask(source))\n        return self.encoder.norm(x)"),),
                "the memory is taken before the encoder's last layer; the decoder reads what comes out at the very top."),
        Mistake("no encoder", ((ENCODED, "return x"),), "the decoder reads the bare embeddings of the source: the encoder is built but never used."),
        Mistake("K and V from the decoder", ((DECODED, "self.output(self.decoder(x, x, mask, mask))"),),
                "the decoder is given its own x as memory, so the source is never read, and no sentence can be translated."),
        Mistake("source embedding for the target", ((WORDS, WORDS.replace("target_embedding", "source_embedding")),),
                "the target's tokens are looked up in the source's table, where their numbers stand for other words."),
        Mistake("no positions for the target", ((WORDS, "self.dropout(self.target_embedding(target))"),), "the target's words get no positions; both sides need them."),
        Mistake("no positions for the source", (("self.dropout(self.positions(self.source_embedding(source)))", "self.dropout(self.source_embedding(source))"),),
                "the source's words get no positions: the encoder would read a bag of words."),
        Mistake("logits through softmax", ((DECODED, DECODED + ".softmax(dim=-1)"),),
                "the output has gone through softmax; logits are asked for, since the loss takes the softmax itself and a second one would flatten it."),
    ),
)  # fmt: skip


def count_cases(draw: Draw) -> Iterator[Case]:
    yield Case("tiny", {"vocab_size": 3, "d_model": 1, "d_ff": 1, "n_layers": 1})
    yield Case("the paper's base model", {})
    yield Case("another vocabulary", {"vocab_size": draw.integer(20_000, 50_000)})
    sizes = {"d_model": draw.integer(5, 99), "d_ff": draw.integer(100, 200), "n_layers": draw.integer(3, 9)}
    yield Case("other sizes", {"vocab_size": draw.integer(300, 999)} | sizes)


FEED_FORWARD = "feed_forward = 2 * d_model * d_ff + d_ff + d_model"

parameters = Exercise(
    reference=transformer.n_parameters_of_base_model,
    see="lesson 08, 'What it weighs'",
    cases=count_cases,
    mistakes=(
        Mistake("two tables", (('"embedding": vocab_size', '"embedding": 2 * vocab_size'),), "two tables are counted; in the base model source, target and output share one."),
        Mistake("three tables", (('"embedding": vocab_size', '"embedding": 3 * vocab_size'),), "three tables are counted; in the base model source, target and output share one."),
        Mistake("no cross-attention", (("(2 * attention + feed_forward", "(attention + feed_forward"),), "a decoder layer has two attentions, and only one is counted."),
        Mistake("two norms in the decoder", (("3 * norm", "2 * norm"),), "a decoder layer has three sub-layers, and each has its norm."),
        Mistake("a norm after each stack", (("n_layers * (attention + feed_forward + 2 * norm)", "n_layers * (attention + feed_forward + 2 * norm) + norm"), ("n_layers * (2 * attention + feed_forward + 3 * norm)", "n_layers * (2 * attention + feed_forward + 3 * norm) + norm")),
                "a last norm is counted behind each stack: that is pre-norm, and the paper's layers of 2017 are post-norm."),
        Mistake("no biases in the attention", (("n_parameters(d_model)", "n_parameters(d_model, bias=False)"),), "the attention's four biases are not counted."),
        Mistake("no biases in the feed-forward network", ((FEED_FORWARD, "feed_forward = 2 * d_model * d_ff"),), "the two biases of the feed-forward network are not counted: one has d_ff numbers, the other d_model."),
        Mistake("one matrix in the feed-forward network", ((FEED_FORWARD, "feed_forward = d_model * d_ff + d_ff + d_model"),), "the feed-forward network has two matrices, one into the wide layer and one back."),
        Mistake("a gain without a bias", (("norm = 2 * d_model", "norm = d_model"),), "a norm has a gain and a bias, d_model numbers each."),
        Mistake("one layer", (('"encoder": n_layers *', '"encoder": 1 *'), ('"decoder": n_layers *', '"decoder": 1 *')), "each stack has n_layers layers, and only one is counted."),
    ),
)  # fmt: skip


def work_cases(draw: Draw) -> Iterator[Case]:
    tiny = TransformerConfig(d_model=1, n_heads=1, d_ff=1, source_vocab_size=5, target_vocab_size=3)
    yield Case("tiny", {"config": tiny, "n_source": 1, "n_target": 1})
    base = TransformerConfig(d_model=512, n_heads=8, d_ff=2048, n_layers=6, source_vocab_size=37_000, target_vocab_size=37_000)
    yield Case("the paper's base model", {"config": base, "n_source": draw.integer(20, 25), "n_target": draw.integer(26, 30)})
    n_heads, d_ff, n_layers, source, target = draw.sizes(5, low=3, high=9)
    sizes = {"d_model": 10 * n_heads, "n_heads": n_heads, "d_ff": 10 * d_ff, "n_layers": n_layers}
    config = TransformerConfig(**sizes, source_vocab_size=10 * source, target_vocab_size=10 * target)
    yield Case("some sizes", {"config": config, "n_source": source, "n_target": target})
    yield Case("one word so far", {"config": config, "n_source": source, "n_target": 1})


ROWS, PAIRS = "4 * S + 4 * T + (2 * T + 2 * S)", "S * S + T * T + T * S"

work = Exercise(
    reference=transformer.flops,
    see="lesson 08, 'What it costs to run'",
    cases=work_cases,
    mistakes=(
        Mistake("a multiplication counted, its addition not", (('"projections": n_layers * 2 *', '"projections": n_layers *'), ('"attention": n_layers * 2 *', '"attention": n_layers *'), ('"feed_forward": n_layers * 2 *', '"feed_forward": n_layers *'), ('"output": 2 * T', '"output": T')),
                "everything is half: each number of a product costs a multiplication and an addition for every term."),
        Mistake("keys and values from the target", ((ROWS, "4 * S + 4 * T + 4 * T"),), "in cross-attention the keys and values are projected from the source, so two of its four projections run over S rows."),
        Mistake("queries from the source", ((ROWS, "4 * S + 4 * T + 4 * S"),), "in cross-attention the queries and the output are projected for the target, so two of its four projections run over T rows."),
        Mistake("no cross-attention", ((ROWS, "4 * S + 4 * T"), (PAIRS, "S * S + T * T")), "the decoder's cross-attention is left out."),
        Mistake("scores without values", (("(2 * pairs * d_model)", "(pairs * d_model)"),), "attention has two products: the scores, and then weights times values."),
        Mistake("times the heads", (("(2 * pairs * d_model)", "(2 * pairs * d_model * config.n_heads)"),), "the heads are counted on top, but each of them is only d_model / n_heads wide: together they cost what one wide head costs."),
        Mistake("one matrix in the feed-forward network", (("(2 * (S + T) * d_model * config.d_ff)", "((S + T) * d_model * config.d_ff)"),), "the feed-forward network has two matrices."),
        Mistake("output for the source too", (('"output": 2 * T', '"output": 2 * (S + T)'),), "the output layer runs over the target's positions only."),
        Mistake("output in every layer", (('"output": 2 * T', '"output": n_layers * 2 * T'),), "the output layer stands once, behind the whole stack."),
        Mistake("one layer", (('"projections": n_layers *', '"projections": 1 *'), ('"attention": n_layers *', '"attention": 1 *'), ('"feed_forward": n_layers *', '"feed_forward": 1 *')), "one layer of each stack is counted; there are n_layers."),
        Mistake("half of the target's pairs", ((PAIRS, "S * S + T * (T + 1) // 2 + T * S"),),
                "only the pairs that the causal mask allows are counted, but this implementation computes all scores first and blocks them afterwards."),
    ),
)  # fmt: skip
