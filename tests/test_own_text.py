"""A learner's own parallel text goes the way of the corpus: read, cut, numbered, trained on, translated."""

import torch

from course import corpus
from course.fused import fused
from course.tokenizer import Tokenizer
from course.training import TrainingConfig, train
from course.transformer import Transformer, TransformerConfig
from course.translation import translate

TEXT = """Guten Morgen!\tGood morning!
Guten Abend!\tGood evening!
Wo ist der Hamster?\tWhere is the hamster?
Der Hamster schläft.\tThe hamster is sleeping.
Ich habe zwei Hamster.\tI have two hamsters.
"""


def test_a_file_becomes_a_translator(tmp_path):
    (tmp_path / "mine.tsv").write_text(TEXT, encoding="utf-8")
    pairs = [tuple(map(corpus.tokenize, pair)) for pair in corpus.read_parallel(tmp_path / "mine.tsv")]
    german, english = (Tokenizer.train(side) for side in zip(*pairs, strict=True))
    numbers = [(german.encode(source), english.encode(target)) for source, target in pairs]
    torch.manual_seed(0)
    sizes = {"d_model": 32, "n_heads": 4, "d_ff": 64, "n_layers": 1}
    model = fused(
        Transformer(TransformerConfig(**sizes, source_vocab_size=len(german), target_vocab_size=len(english)))
    )
    train(model, numbers, TrainingConfig(n_steps=150, n_warmup=15), validation=numbers, checkpoint=tmp_path / "mine.pt")
    written = [
        corpus.detokenize(english.decode(tokens)) for tokens in translate(model, [source for source, _ in numbers])
    ]
    assert written == [line.split("\t")[1] for line in TEXT.splitlines()]
    assert german.unknown(corpus.tokenize("Wo ist der Hund?")) == ["Hund"]
