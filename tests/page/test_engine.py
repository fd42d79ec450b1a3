"""The engine: does it compute what torch does, tensor by tensor, and decode as the course decodes?"""

import pytest
import torch

from course.attention import causal_mask
from course.classroom.author.browser import chromium
from course.decoding import beam_search, next_probabilities, sample
from course.doubt import translate_with_doubt
from course.page import write_page
from course.page.model_data import model_data
from course.positions import sinusoidal_positions
from course.seq2seq import BOS, EOS
from tests.page.models import engine_in_a_page, translator
from tests.page.traced import differences, source_trace, target_trace, watched

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]
POSITIONS = ("sinusoidal", "learned", "rotary", "alibi", "none")
TABLES = [{"tied": tied, "shared": shared} for tied in (True, False) for shared in (False, True)]
SHAPES = [{"n_heads": 2}, {"n_heads": 4, "n_layers": 1}, {"n_heads": 1}, {"d_model": 24, "n_heads": 3, "d_ff": 8}]
CHOICES = [{"norm_first": first, "activation": name} for first in (True, False) for name in ("relu", "gelu")]
CONFIGS = [  # each choice with each scheme of positions, and by and by with all tables and shapes
    {"positions": positions} | choice | TABLES[(i + j) % 4] | SHAPES[(i + 3 * j) % 4]
    for i, positions in enumerate(POSITIONS)
    for j, choice in enumerate(CHOICES)
]
SOURCE, TARGET = [7, 4, 12, 9, 5], [BOS, 6, 11, 8]
TOLERANCE = 1e-4


def named(config: dict) -> str:
    return " ".join(str(value) if isinstance(value, str) else f"{name}={value}" for name, value in config.items())


@pytest.fixture(scope="module")
def engine():
    with engine_in_a_page() as engine:
        yield engine


@pytest.fixture(scope="module")
def rotary(engine):
    """A model whose sentences are of several lengths, opened in the engine."""
    made = translator(seed=5, positions="rotary")
    engine.open(made)
    return made


def traces(model, source: list[int], target: list[int]) -> dict:
    source, target = torch.tensor([source]), torch.tensor([target])
    read = source_trace(model, source)
    return {"source": read, "target": target_trace(model, target, read["memory"], source)}


def read_by(engine, source: list[int], target: list[int]) -> dict:
    """The engine's traces, without what is no tensor."""
    found = engine(
        "(() => { const read = engine.readSource(model, source);"
        " return { source: read, target: engine.readTarget(model, target, read) }; })()",
        source=source, target=target,
    )  # fmt: skip
    for trace, ids in ((found["source"], source), (found["target"], target)):
        assert trace.pop("ids") == ids
        assert trace.pop("positions") == list(range(len(ids)))
    return found


@pytest.mark.parametrize("config", CONFIGS, ids=named)
def test_every_tensor_is_torchs(engine, config):
    made = translator(**config)
    ours = read_by(engine.open(made), SOURCE, TARGET)
    found = list(differences(ours, traces(made.model, SOURCE, TARGET)))
    assert len(found) > 60
    largest, where = max(found)
    assert largest <= TOLERANCE, where


def test_padding_is_read_by_nobody(engine):
    made = translator(positions="alibi")
    source, target = [7, 4, 0, 0], [BOS, 6, 0, 8]
    largest, where = max(differences(read_by(engine.open(made), source, target), traces(made.model, source, target)))
    assert largest <= TOLERANCE, where


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_trace_is_a_cache(engine, positions):
    engine.open(translator(positions=positions))
    whole, step = engine(
        "(() => { const read = engine.readSource(model, source), all = engine.readTarget(model, target, read);"
        " let past;"
        " for (const id of target) past = engine.readTarget(model, [id], read, { past });"
        " return [all, past]; })()",
        source=SOURCE, target=TARGET,
    )  # fmt: skip
    assert step["ids"] == whole["ids"] == TARGET
    assert step["logits"]["shape"][0] == 1
    n_words = step["logits"]["shape"][1]
    assert step["logits"]["data"] == pytest.approx(whole["logits"]["data"][-n_words:], abs=1e-9)
    for ours, theirs in zip(step["layers"], whole["layers"], strict=True):
        assert ours["self"]["attention"]["key"]["data"] == pytest.approx(theirs["self"]["attention"]["key"]["data"])


def test_lens_is_the_last_norm_and_the_output_layer(engine):
    for norm_first in (True, False):
        model = translator(norm_first=norm_first).model
        engine.open(translator(norm_first=norm_first))
        read = traces(model, SOURCE, TARGET)["target"]
        for stream in (read["embedded"], read["layers"][0]["cross"]["output"], read["layers"][-1]["output"]):
            x = {"shape": list(stream.shape[1:]), "data": stream.flatten().tolist()}
            ours = engine("engine.lens(model, { shape: x.shape, data: Float64Array.from(x.data) })", x=x)
            with torch.no_grad():
                theirs = model.output(model.decoder.norm(stream))
            assert max(differences(ours, theirs))[0] <= TOLERANCE
        assert torch.allclose(theirs, read["logits"])


def test_weights_without_the_mask(engine):
    made = translator(positions="alibi")
    ours = engine.open(made)(
        "engine.weightsWithoutMask("
        "engine.readTarget(model, target, engine.readSource(model, source)).layers[0].self.attention)",
        source=SOURCE, target=TARGET,
    )  # fmt: skip
    read = traces(made.model, SOURCE, TARGET)["target"]["layers"][0]["self"]["normed"]
    with torch.no_grad():
        theirs = made.model.decoder.layers[0].self_attention.weights(read, read)
    assert max(differences(ours, theirs))[0] <= TOLERANCE
    assert theirs[0, 0][~causal_mask(len(TARGET))].min() > 0


MOVED = [3, 4, 5, 9, 7]


class TestPositions:
    def scores(self, engine, shift: list[int] | None) -> tuple[list[float], list[float]]:
        """The embeddings, and the scores of the first layer with their bias."""
        read = engine("engine.readSource(model, source, { positionsShift: shift })", source=SOURCE, shift=shift)
        return read["embedded"]["data"], read["layers"][0]["self"]["attention"]["masked"]["data"]

    @pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
    def test_what_is_added_is_of_the_new_places(self, engine, positions):
        made = translator(positions=positions)
        ours, _ = self.scores(engine.open(made), MOVED)
        table = sinusoidal_positions(30, 16) if positions == "sinusoidal" else made.model.positions.table
        with torch.no_grad():
            theirs = made.model.source_embedding(torch.tensor(SOURCE)) + table[MOVED]
        assert ours == pytest.approx(theirs.flatten().tolist(), abs=TOLERANCE)

    @pytest.mark.parametrize("positions", ["rotary", "alibi"])
    def test_scores_know_distances_alone(self, engine, positions):
        engine.open(translator(positions=positions))
        _, before = self.scores(engine, None)
        _, shifted = self.scores(engine, [place + 5 for place in range(5)])
        _, moved = self.scores(engine, MOVED)
        assert shifted == pytest.approx(before, abs=1e-9)
        assert max(abs(a - b) for a, b in zip(moved, before, strict=True)) > 0.1

    def test_a_moved_word_is_as_if_it_stood_there(self, engine):
        """Positions 0, 1, 3 of a longer sentence: between these three nothing else is read."""
        made = translator(positions="rotary")
        _, ours = self.scores(engine.open(made), [0, 1, 2, 4, 6])
        longer = torch.tensor([[*SOURCE[:3], 5, SOURCE[3], 5, SOURCE[4]]])
        (first, *_), (n, places) = made.model.encoder.layers, (5, [0, 1, 2, 4, 6])
        seen, _ = watched(made.model, lambda: made.model.encode(longer))
        with torch.no_grad():
            query, key, _ = first.attention.project(*seen[first.attention][0][:3])
        theirs = (query @ key.mT / query.shape[-1] ** 0.5)[0][:, places][:, :, places]
        assert theirs.shape[1:] == (n, n)
        assert ours == pytest.approx(theirs.flatten().tolist(), abs=TOLERANCE)

    def test_what_cannot_be_is_refused(self, engine):
        engine.open(translator(positions="learned"))
        read = "engine.readSource(model, ids, { positionsShift });"
        assert "0 to 29, and for no other" in engine.refusal(read, ids=[4, 5], positionsShift=[0, 30])
        assert "for each of 2 tokens, not 3" in engine.refusal(read, ids=[4, 5], positionsShift=[0, 1, 2])
        assert "has no token" in engine.refusal(read, ids=[], positionsShift=None)


def ending(seed: int, **config):
    """A model that says <eos> by and by."""
    made = translator(seed, tied=False, **config)
    with torch.no_grad():
        made.model.output.weight.mul_(0.2)[EOS].mul_(4)
    return made


SENTENCES = [[7, 4, 12, 9, 5], [4], [9, 9, 9], [5, 6, 7, 8, 9, 10, 11]]


@pytest.mark.parametrize("config", [{"positions": "rotary"}, {"positions": "alibi", "norm_first": False}], ids=named)
def test_greedy_is_the_courses(engine, config):
    lengths = set()
    for seed in range(4):
        made = ending(seed, **config)
        engine.open(made)
        for source, theirs in zip(SENTENCES, translate_with_doubt(made.model, SENTENCES, 8), strict=True):
            heard = "engine.translate(model, source, { maxTokens: 8, onToken: step => heard.push(step.id) })"
            ours, said = engine(f"(() => {{ const heard = []; return [{heard}, heard]; }})()", source=source)
            assert ours["ids"] == theirs.tokens
            assert ours["probabilities"] == pytest.approx(theirs.probabilities, abs=TOLERANCE)
            assert said == [*theirs.tokens, EOS][:8]
            assert ours["ended"] == (len(theirs.tokens) < 8)
            lengths.add(len(theirs.tokens))
    assert {0, 8} <= lengths  # one that ends at once, and one that never does


def best_beam(model, ids: list[int], width: int, alpha: float) -> tuple[list[int], float]:
    source = torch.tensor([ids])
    with torch.no_grad():
        memory = model.encode(source)

        def next_logits(tokens):
            return model.decode(tokens, memory.expand(len(tokens), -1, -1), source.expand(len(tokens), -1))[:, -1]

        return beam_search(next_logits, torch.tensor([[BOS]]), width, 6, alpha)


@pytest.mark.parametrize("width", [1, 3, 20])
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_beam_search_is_the_courses(engine, width, alpha):
    lengths = set()
    for seed in range(4):
        made = ending(seed)
        engine.open(made)
        for ids in SENTENCES:
            written, score = best_beam(made.model, ids, width, alpha)
            options = {"width": width, "lengthPenalty": alpha, "maxTokens": 6}
            ours = engine("engine.beam(model, ids, options).best", ids=ids, options=options)
            assert (ours["ids"], ours["score"]) == (written, pytest.approx(score, abs=TOLERANCE))
            lengths.add(len(written))
    assert len(lengths) > 1 or alpha == 0  # without a penalty the shortest wins


def test_of_an_empty_sentence_an_empty_one(engine, rotary):
    empty = {"ids": [], "probabilities": [], "ended": True}
    assert engine("engine.translate(model, [])") == empty
    assert engine("engine.beam(model, [])")["steps"] == []


def test_a_beams_tree_holds_together(engine, rotary):
    tree = engine("engine.beam(model, ids, { width: 3, maxTokens: 6 })", ids=SOURCE)
    before = [{"ids": [], "sum": 0.0}]
    for length, step in enumerate(tree["steps"], 1):
        for one in step["alive"] + step["finished"] + step["dropped"]:
            parent = before[one["parent"]]
            written = [] if one["token"] == EOS else [one["token"]]
            assert one["ids"] == parent["ids"] + written
            assert one["sum"] == pytest.approx(parent["sum"] + torch.tensor(one["probability"]).log().item(), abs=1e-5)
            assert one["score"] == pytest.approx(one["sum"] / length)
        assert len(step["alive"]) <= 3
        before = step["alive"]
    finished = [one for step in tree["steps"] for one in step["finished"]]
    assert tree["best"]["score"] == max(one["score"] for one in finished)


SETTINGS = [
    {},
    {"temperature": 0.5},
    {"topK": 3},
    {"topK": 99},
    {"topP": 0.7},
    {"topP": 0.05},
    {"topK": 5, "topP": 0.6},
]
THEIRS = {"temperature": "tau", "topK": "k", "topP": "p"}


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_distribution_is_the_courses(engine, rotary, settings):
    logits = torch.randn(3, 12, generator=torch.Generator().manual_seed(1)).mul(2).round(decimals=1)
    logits[0, :4] = 3.0  # what ties with the third stays
    theirs = next_probabilities(logits.double(), **{THEIRS[name]: value for name, value in settings.items()})
    for row, wanted in zip(logits.tolist(), theirs.tolist(), strict=True):
        ours = engine("engine.distribution(Float64Array.from(row), settings)", row=row, settings=settings)
        assert ours == pytest.approx(wanted, abs=1e-6)
        places = [0.0, 0.2, 0.55, 0.999]
        drawn = engine(
            "places.map(place => engine.sample(model, Float64Array.from(row), { ...settings, random: () => place }))",
            row=row, settings=settings, places=places,
        )  # fmt: skip
        assert drawn == sample(torch.tensor([wanted] * 4), torch.tensor(places)).tolist()


@pytest.mark.parametrize("settings", [{"temperature": 0}, {"topK": 0}, {"topP": 0}, {"topP": 1.1}], ids=str)
def test_settings_without_sense_are_refused(engine, rotary, settings):
    said = engine.refusal("engine.distribution(Float64Array.of(1, 2), settings);", settings=settings)
    (value,) = settings.values()
    assert said.startswith("RangeError: ")
    assert f" {value} must be " in said


def test_chance_is_the_same_for_the_same_seed(engine, rotary):
    draw = "Array.from({ length: 2000 }, engine.seededRandom(seed))"
    one, again, other = (engine(draw, seed=seed) for seed in (1, 1, 2))
    assert one == again != other
    assert min(one) >= 0
    assert max(one) < 1
    assert sum(one) / 2000 == pytest.approx(0.5, abs=0.03)


def test_a_long_sentence_is_translated_without_a_wait(engine):
    """Of lesson 09's size: about 20 milliseconds on one of our machines; here only what hangs is refused."""
    made = translator(d_model=96, n_heads=4, d_ff=192, max_length=512)
    ids = [4 + place % 12 for place in range(20)]
    spent = engine.open(made)(
        "(() => { const begun = performance.now(); engine.translate(model, ids, { maxTokens: 20 });"
        " return performance.now() - begun; })()",
        ids=ids,
    )
    assert spent < 20_000


def test_an_address_says_what_is_shown_first(engine, tmp_path):
    write_page(translator(), tmp_path / "page.html")
    page = engine.page.context.browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    for shown, title in (("#sentence=der+hund&parts=sentence,next", ""), ("#sentence=der%20hund", "Look inside")):
        page.goto(f"{(tmp_path / 'page.html').as_uri()}{shown}")
        page.reload()  # only the fragment changes
        page.wait_for_selector(".translation")
        assert page.input_value("input[lang=de]") == "der hund"
        assert "".join(page.locator("h1").all_text_contents()) == title
    assert errors == []
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(text.replace('"edition":1', '"edition":2'), encoding="utf-8")
    page.reload()
    assert "This translator is of edition 2, but 1 can be read" in page.inner_text("body")
    page.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: {}, "There is no translator in this page"),
        (lambda data: None, "There is no translator in this page"),
        (lambda data: data | {"edition": 2}, "of edition 2, but 1 can be read"),
    ],
    ids=["nothing", "null", "edition"],
)
def test_other_data_is_refused(engine, change, said):
    assert said in engine.refusal("engine.readModel(data);", data=change(model_data(translator())))
