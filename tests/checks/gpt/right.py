"""Right answers to the exercises of lesson 11, each written another way than the reference."""

from __future__ import annotations

import re

import torch
from torch import nn
from torch.nn import functional as F

from course.attention import causal_mask
from course.blocks import LayerNorm
from course.gpt import ActivatedFeedForward, UnscaledEmbedding
from course.gpt import GPTBlock as ReferenceBlock
from course.multi_head import MultiHeadAttention
from course.positions import LearnedPositions


def loss_by_cross_entropy(logits, tokens):
    V = logits.size(-1)
    return F.cross_entropy(logits[:, :-1].reshape(-1, V), tokens[:, 1:].reshape(-1), ignore_index=0)


def loss_text_by_text(logits, tokens):
    surprises = []
    for said, text in zip(logits, tokens, strict=True):
        for t in range(len(text) - 1):
            if text[t + 1] != 0:
                surprises.append(-said[t].log_softmax(-1)[text[t + 1]])
    return torch.stack(surprises).mean()


def loss_by_selection(logits, tokens):
    answers = tokens[:, 1:]
    real = answers.ne(0)
    chosen = torch.log_softmax(logits[:, : answers.shape[1]][real], dim=-1)
    return -chosen[torch.arange(len(chosen)), answers[real]].mean()


def loss_by_rolling(logits, tokens):
    """The first token comes round to the last place, where it is made padding."""
    labels = tokens.roll(-1, dims=1)
    labels[:, -1] = 0
    return F.cross_entropy(logits.transpose(1, 2), labels, ignore_index=0)


def loss_by_one_hot(logits, tokens):
    answers = F.one_hot(tokens[:, 1:], logits.shape[-1]).to(logits.dtype)
    weight = (tokens[:, 1:] > 0).to(logits.dtype)
    gains = (F.log_softmax(logits[:, :-1], -1) * answers).sum(-1)
    return -(gains * weight).sum() / weight.sum()


class BlockStepByStep(nn.Module):
    def __init__(self, config):
        super().__init__()
        d = config.d_model
        self.norm_1, self.norm_2 = LayerNorm(d, eps=config.eps), LayerNorm(d, eps=config.eps)
        self.attention = MultiHeadAttention(d, config.n_heads)
        self.feed_forward = ActivatedFeedForward(d, config.d_ff, config.activation)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x, mask=None):
        y = self.norm_1(x)
        x = x + self.dropout(self.attention(y, y, y, mask))
        y = self.norm_2(x)
        return x + self.dropout(self.feed_forward(y))


class BlockWithTwoDropouts(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.drop_1, self.drop_2 = nn.Dropout(config.dropout), nn.Dropout(config.dropout)
        self.feed_forward = ActivatedFeedForward(config.d_model, config.d_ff, activation=config.activation)
        self.norm_1 = LayerNorm(config.d_model, config.eps)
        self.norm_2 = LayerNorm(config.d_model, config.eps)

    def attend(self, x, mask):
        return self.attention(query=x, key=x, value=x, mask=mask)

    def forward(self, x, mask=None):
        residue = x
        out = self.drop_1(self.attend(self.norm_1(x), mask)) + residue
        return self.drop_2(self.feed_forward(self.norm_2(out))) + out


class BlockWithTorchsNorm(nn.Module):
    """F.layer_norm with the gain and bias of the course's norm."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = ActivatedFeedForward(config.d_model, config.d_ff, config.activation)
        self.norm_1, self.norm_2 = (LayerNorm(config.d_model, config.eps) for _ in range(2))

    def normed(self, norm, x):
        return F.layer_norm(x, x.shape[-1:], norm.gain, norm.bias, self.config.eps)

    def dropped(self, x):
        return F.dropout(x, self.config.dropout, self.training)

    def forward(self, x, mask=None):
        y = self.normed(self.norm_1, x)
        x = x + self.dropped(self.attention(y, y, y, mask))
        return x.add(self.dropped(self.feed_forward(self.normed(self.norm_2, x))))


class GPTStepByStep(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.positions = LearnedPositions(config.context_length, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList([])
        for _ in range(config.n_layers):
            self.blocks.append(ReferenceBlock(config))
        self.norm = LayerNorm(config.d_model, eps=config.eps)
        self.output = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.output.weight = self.embedding.table

    def forward(self, tokens):
        T, most = tokens.size(1), self.config.context_length
        if most < T:
            raise ValueError(f"{T} tokens are more than context_length={most}")
        x = self.embedding(tokens)
        x = self.positions(x)
        x = self.dropout(x)
        for layer in range(self.config.n_layers):
            x = self.blocks[layer](x, mask=torch.ones(T, T, dtype=torch.bool).tril())
        return self.output(self.norm(x))


class GPTTiedTheOtherWay(nn.Module):
    """The table is the output's weight; positions are looked up by number, and a mask is kept, as in nanoGPT."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.output = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.embedding = UnscaledEmbedding(config.vocab_size, config.d_model)
        if config.tied:
            self.embedding.table = self.output.weight
        self.positions = LearnedPositions(config.context_length, config.d_model)
        self.blocks = nn.ModuleList(ReferenceBlock(config) for _ in range(config.n_layers))
        self.norm, self.p = LayerNorm(config.d_model, config.eps), config.dropout
        self.register_buffer("mask", causal_mask(config.context_length)[None, None])

    def forward(self, tokens):
        T = tokens.shape[1]
        if len(self.positions.table) < T:
            raise ValueError("too long")
        places = torch.arange(T)
        x = F.embedding(tokens, self.embedding.table) + self.positions.table[places]
        x = F.dropout(x, self.p, self.training)
        for block in self.blocks:
            x = block(x, self.mask[:, :, :T, :T])
        return F.linear(self.norm(x), self.output.weight)


class GPTWithAProductForTheOutput(nn.Module):
    """The output's weight is used without its layer."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = UnscaledEmbedding(config.vocab_size, config.d_model)
        self.positions = LearnedPositions(config.context_length, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.Sequential(*[ReferenceBlock(config) for _ in range(config.n_layers)])
        self.norm = LayerNorm(config.d_model, config.eps)
        self.output = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if self.config.tied:
            self.output.weight = self.embedding.table

    def forward(self, tokens):
        x, mask = self.dropout(self.positions(self.embedding(tokens))), causal_mask(tokens.shape[-1])
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x) @ (self.embedding.table if self.config.tied else self.output.weight).T


def text_by_a_loop(model, tokens, max_tokens, end=2):
    n, was_training = tokens.shape[1], model.training
    model.eval()
    done = torch.zeros(tokens.shape[0], dtype=torch.bool)
    with torch.no_grad():
        for _ in range(max_tokens):
            logits = model(tokens[:, -model.config.context_length :])
            chosen = logits[:, -1, :].argmax(-1)
            tokens = torch.cat((tokens, chosen.unsqueeze(1)), dim=1)
            done |= chosen == end
            if done.all():
                break
    model.train(was_training)
    texts = []
    for row in tokens[:, n:].tolist():
        texts.append(row[: row.index(end)] if end in row else row)
    return texts


def text_as_nano_gpt_crops(model, tokens, max_tokens, end=2):
    mode, new = model.training, []
    model.eval()
    ended = torch.zeros(len(tokens), dtype=torch.bool)
    block_size = model.config.context_length
    device = next(model.parameters()).device
    for _ in range(max_tokens):
        seen = tokens if tokens.size(1) <= block_size else tokens[:, -block_size:]
        with torch.inference_mode():
            best = model(seen.to(device)).softmax(-1)[:, -1].topk(1, dim=-1).indices  # (B, 1)
        new.append(best)
        tokens = torch.cat([tokens, best], dim=1)
        ended = ended | (best[:, 0] == end)
        if bool(ended.all()):
            break
    model.train(mode)
    rows = torch.cat(new, dim=1).tolist() if new else [[] for _ in tokens]
    return [row[: [*row, end].index(end)] for row in rows]


def text_with_a_window_that_slides(model, tokens, max_tokens, end=2):
    """Only the window is kept; what is new is written down beside it."""
    n = model.config.context_length
    mode = model.training
    model.eval()
    window, rows, alive = tokens[:, -n:], [[] for _ in tokens], [True] * len(tokens)
    for _ in range(max_tokens):
        if not any(alive):
            break
        chosen = torch.argmax(model(window).detach()[:, -1], dim=1)
        for at, token in enumerate(chosen.tolist()):
            alive[at] = alive[at] and token != end
            if alive[at]:
                rows[at].append(token)
        window = torch.cat([window, chosen[:, None]], 1)[:, -n:]
    model.train() if mode else model.eval()
    return rows


def score_by_loops(weights, tokens):
    B, H, T, _ = weights.shape
    total, count = torch.zeros(H, dtype=weights.dtype), 0
    for b in range(B):
        for i in range(T):
            earlier = [j for j in range(i) if tokens[b, j] == tokens[b, i]]
            if earlier:
                count += 1
                for j in earlier:
                    total += weights[b, :, i, j + 1]
    if count == 0:
        raise ValueError("nothing is repeated")
    return total / count


def score_by_einsum(weights, tokens):
    T = tokens.shape[1]
    same = tokens.unsqueeze(2).eq(tokens.unsqueeze(1))
    earlier = same & (torch.arange(T)[None, :] < torch.arange(T)[:, None])
    places = earlier.any(-1).sum()
    if places == 0:
        raise ValueError(f"{tokens.tolist()}: no token comes twice")
    return torch.einsum("bhij,bij->h", weights[..., 1:], earlier[..., :-1].to(weights.dtype)) / places


def score_by_previous_tokens(weights, tokens):
    """A place of interest is one whose token before is mine."""
    before = tokens.roll(1, dims=1)
    T = tokens.shape[1]
    of_interest = (before[:, None, :] == tokens[:, :, None]) & torch.ones(T, T, dtype=torch.bool).tril()
    of_interest[:, :, 0] = False
    counted = of_interest.any(dim=2)
    if not counted.any():
        raise ValueError("no repetition")
    read = torch.where(of_interest[:, None], weights, 0.0).sum(-1)
    return torch.stack([read[:, h][counted].mean() for h in range(weights.shape[1])])


def score_by_gathering(weights, tokens):
    found = {}
    for b, row in enumerate(tokens.tolist()):
        for i, token in enumerate(row):
            places = [j + 1 for j, other in enumerate(row[:i]) if other == token]
            if places:
                found[b, i] = weights[b, :, i, places].sum(dim=-1)
    if not found:
        raise ValueError("no token has come before")
    return sum(found.values()) / len(found)


LINEAR = {"attn.c_proj": "attention.w_o", "mlp.c_fc": "feed_forward.w_1", "mlp.c_proj": "feed_forward.w_2"}


def state_by_renaming(tensors):
    renamed = {}
    for name, tensor in tensors.items():
        name = name.removeprefix("transformer.")
        if name.endswith((".attn.bias", ".attn.masked_bias")):
            continue
        if name == "wte.weight":
            renamed["embedding.table"] = tensor
            renamed.setdefault("output.weight", tensor)
        elif name == "wpe.weight":
            renamed["positions.table"] = tensor
        elif name == "lm_head.weight":
            renamed["output.weight"] = tensor
        elif name.startswith("ln_f"):
            renamed[name.replace("ln_f.weight", "norm.gain").replace("ln_f.bias", "norm.bias")] = tensor
        else:
            renamed |= block_tensor(name, tensor)
    return renamed


def block_tensor(name, tensor):
    _, layer, part, *rest = name.split(".")
    begin = f"blocks.{layer}."
    if part in ("ln_1", "ln_2"):
        return {begin + part.replace("ln", "norm") + (".gain" if rest == ["weight"] else ".bias"): tensor}
    tensor = tensor.t() if tensor.dim() == 2 else tensor
    if rest[0] == "c_attn":
        cut = tensor.split(tensor.shape[0] // 3, dim=0)
        return {f"{begin}attention.w_{which}.{rest[1]}": one for which, one in zip("qkv", cut, strict=True)}
    return {f"{begin}{LINEAR[part + '.' + rest[0]]}.{rest[1]}": tensor}


def state_by_asking(tensors):
    prefix = "transformer." if "transformer.wte.weight" in tensors else ""

    def get(name):
        return tensors[prefix + name].clone()

    state = {"embedding.table": get("wte.weight"), "positions.table": get("wpe.weight")}
    n_layers = sum(1 for name in tensors if re.fullmatch(rf"{re.escape(prefix)}h\.\d+\.ln_1\.weight", name))
    for i in range(n_layers):
        theirs, ours = f"h.{i}.", f"blocks.{i}."
        for n in (1, 2):
            state[f"{ours}norm_{n}.gain"] = get(f"{theirs}ln_{n}.weight")
            state[f"{ours}norm_{n}.bias"] = get(f"{theirs}ln_{n}.bias")
        weight, bias = get(f"{theirs}attn.c_attn.weight"), get(f"{theirs}attn.c_attn.bias")
        d = weight.shape[0]
        for at, which in enumerate("qkv"):
            state[f"{ours}attention.w_{which}.weight"] = weight[:, at * d : (at + 1) * d].T.contiguous()
            state[f"{ours}attention.w_{which}.bias"] = bias[at * d : (at + 1) * d]
        for part, mine in LINEAR.items():
            state[f"{ours}{mine}.weight"] = get(f"{theirs}{part}.weight").transpose(0, 1)
            state[f"{ours}{mine}.bias"] = get(f"{theirs}{part}.bias")
    state["norm.gain"], state["norm.bias"] = get("ln_f.weight"), get("ln_f.bias")
    head = "lm_head.weight"
    state["output.weight"] = tensors[head] if head in tensors else state["embedding.table"]
    return state


def state_by_patterns(tensors):
    table = [
        (r"wte\.weight", "embedding.table"),
        (r"wpe\.weight", "positions.table"),
        (r"ln_f\.weight", "norm.gain"),
        (r"ln_f\.bias", "norm.bias"),
        (r"h\.(\d+)\.ln_(\d)\.weight", r"blocks.\1.norm_\2.gain"),
        (r"h\.(\d+)\.ln_(\d)\.bias", r"blocks.\1.norm_\2.bias"),
        (r"h\.(\d+)\.attn\.c_attn\.(\w+)", r"blocks.\1.attention.w_qkv.\2"),
        (r"h\.(\d+)\.attn\.c_proj\.(\w+)", r"blocks.\1.attention.w_o.\2"),
        (r"h\.(\d+)\.mlp\.c_fc\.(\w+)", r"blocks.\1.feed_forward.w_1.\2"),
        (r"h\.(\d+)\.mlp\.c_proj\.(\w+)", r"blocks.\1.feed_forward.w_2.\2"),
        (r"lm_head\.weight", "output.weight"),
    ]
    found = {}
    for name, tensor in tensors.items():
        for theirs, ours in table:
            if match := re.fullmatch(r"(?:transformer\.)?" + theirs, name):
                found[match.expand(ours)] = tensor
    for name in [name for name in found if re.search(r"w_\w+\.weight|w_\d\.weight", name)]:
        found[name] = found[name].T
    for name in [name for name in found if "w_qkv" in name]:
        for which, piece in zip("qkv", torch.tensor_split(found.pop(name), 3), strict=True):
            found[name.replace("w_qkv", f"w_{which}")] = piece
    return {"output.weight": found["embedding.table"]} | found


RIGHT = {
    "language_model_loss": [
        loss_by_cross_entropy, loss_text_by_text, loss_by_selection, loss_by_rolling, loss_by_one_hot,
    ],
    "GPTBlock": [BlockStepByStep, BlockWithTwoDropouts, BlockWithTorchsNorm],
    "GPT": [GPTStepByStep, GPTTiedTheOtherWay, GPTWithAProductForTheOutput],
    "continue_text": [text_by_a_loop, text_as_nano_gpt_crops, text_with_a_window_that_slides],
    "induction_score": [score_by_loops, score_by_einsum, score_by_previous_tokens, score_by_gathering],
    "gpt2_state": [state_by_renaming, state_by_asking, state_by_patterns],
}  # fmt: skip
