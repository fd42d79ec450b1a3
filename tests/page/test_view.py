"""The view's numbers: does the page show what the model computes, at every stage?"""

import re

import pytest
import torch

from course.classroom.author.browser import chromium
from course.corpus import detokenize
from course.decoding import beam_search, next_probabilities
from course.doubt import LEAST
from course.mine.whose import lessons
from course.page import script, write_page
from course.seq2seq import BOS
from tests.page.look import PARTS, SEEDS, TOLERANCE, TYPED, near
from tests.page.models import ENGLISH

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="Chromium is not installed")]


def test_what_is_typed_is_translated_as_python_does(looks):
    for positions in SEEDS:
        look = looks(positions).open()
        tokens, probabilities = look.written
        assert look.page.inner_text(".translation") == detokenize(ENGLISH.decode(tokens))
        assert "Mended: hund is written Hund; a full stop put at the end." in look.said()
        pieces = look.page.locator(".written button span").all_inner_texts()
        shown = [re.sub(r" \(\?\)$", "", piece) for piece in pieces]
        wanted = [ENGLISH.pieces[token] for token in tokens]
        assert [piece.lstrip("·") for piece in shown] == [piece.lstrip("▁") or "␣" for piece in wanted] + ["<eos>"]
        assert [piece.startswith("·") for piece in shown[:-1]] == [piece[0] not in "▁<" for piece in wanted]
        found = look.numbers(".written button")
        assert found[:-1] == pytest.approx(probabilities, abs=TOLERANCE)
        assert [piece.endswith("(?)") for piece in pieces] == [p < LEAST for p in found], "doubtful ones have a sign"


@pytest.mark.parametrize("part", ["encoder.1.self", "decoder.0.self", "decoder.1.cross"])
def test_each_stage_shows_the_numbers_of_the_trace(look, part):
    trace, head = look.attention(part), 1
    for stage in ("raw", "scaled", "masked", "weights"):
        look.part(part, stage, head)
        assert near(look.table(f"pairs-{stage}"), trace[stage][0, head]), stage
    look.part(part, "vectors", head)
    assert near(look.table("Queries"), trace["query"][0, head])
    assert near(look.table("Keys"), trace["key"][0, head])
    if part != "decoder.1.cross":
        look.part(part, "turned", head)
        assert near(look.table("Queries"), trace["rotatedQuery"][0, head])
    look.part(part, "mixed", head)
    assert near(look.table("Values"), trace["value"][0, head])
    assert near(look.table("Mixed"), trace["mixed"][0, head])
    look.part(part, "merged", head)
    assert near(look.table("All heads side by side"), trace["merged"][0, :1])
    assert near(look.table("What is added to the stream"), trace["output"][0, :1])


def test_a_bias_by_distance_has_a_stage_of_its_own(looks, look):
    assert look.part("decoder.0.self").page.locator("[data-key='stage:bias']").count() == 0
    look = looks("alibi").open().part("decoder.0.self", "bias", 1)
    trace = look.attention("decoder.0.self")
    assert near(look.table("pairs-bias"), (trace["scaled"] + trace["bias"])[0, 1])
    assert look.page.locator("[data-key='stage:turned']").count() == 0


def test_one_cell_shows_its_products_and_their_sum(look):
    look.part("encoder.0.self", "raw", 1)
    look.page.click("[data-key='pairs-raw:2:3']")
    trace = look.attention("encoder.0.self")
    query, key = trace["rotatedQuery"][0, 1, 2], trace["rotatedKey"][0, 1, 3]
    rows = [look.numbers(f".sums tbody tr:nth-child({i}) td") for i in (1, 2, 3)]
    for shown, wanted in zip(rows, (query, key, query * key), strict=True):
        assert shown == pytest.approx(wanted.tolist(), abs=TOLERANCE)
    (raw,), (weight,) = look.numbers("[data-value=raw]"), look.numbers("[data-value=weight]")
    assert raw == pytest.approx(sum(rows[2]), abs=TOLERANCE)
    assert weight == pytest.approx(trace["weights"][0, 1, 2, 3].item(), abs=TOLERANCE)
    assert "Hund reads schläft" in look.page.inner_text(".crumbs")


def test_one_answer_is_a_sum_of_values_and_one_output_a_sum_of_heads(look):
    look.part("decoder.1.cross", "mixed", 1)
    look.page.click("[data-key='Mixed:2:3']")
    trace = look.attention("decoder.1.cross")
    products = look.numbers(".sums tbody tr:nth-child(3) td")
    assert sum(products) == pytest.approx(trace["mixed"][0, 1, 2, 3].item(), abs=TOLERANCE)
    assert look.numbers("[data-value=mixed]") == pytest.approx([sum(products)], abs=TOLERANCE)
    look.part("decoder.1.cross", "merged", 1)
    look.page.click("[data-key='What is added to the stream:0:5']")
    shares = look.numbers(".sums tbody tr:nth-child(1) td")
    assert len(shares) == look.made.model.config.n_heads + 1
    assert sum(shares) == pytest.approx(trace["output"][0, 2, 5].item(), abs=TOLERANCE)


def test_the_mask_crosses_out_and_can_be_taken_off(look):
    look.part("decoder.1.self", "masked", 1)
    n = len(look.written.tokens) + 1
    blocked = look.page.locator("table.heat .blocked")
    assert set(blocked.all_inner_texts()) == {"×"}
    assert blocked.count() == n * (n - 1) // 2
    look.page.check("[data-key=unmasked]")
    trace = look.attention("decoder.1.self")
    assert near(look.table("pairs-masked"), trace["scaled"][0, 1])
    look.page.click("[data-key='stage:weights']")
    assert near(look.table("pairs-weights"), trace["scaled"][0, 1].softmax(-1))
    look.page.uncheck("[data-key=unmasked]")
    assert near(look.table("pairs-weights"), trace["weights"][0, 1])


def test_every_head_has_its_picture_and_can_be_chosen(look):
    look.part("decoder.1.cross", "weights", 1)
    heads = look.page.locator(".head")
    assert heads.count() == look.made.model.config.n_heads
    assert [one.get_attribute("aria-pressed") for one in heads.all()] == ["false", "true"]
    means = [head.amax(-1).mean().item() for head in look.attention("decoder.1.cross")["weights"][0]]
    shown = [float(re.search(r"([\d.]+) %", text)[1]) for text in heads.all_inner_texts()]
    assert shown == pytest.approx([100 * mean for mean in means], abs=0.51)


@pytest.mark.parametrize(
    ("positions", "is_same"),
    [("rotary", True), ("alibi", True), ("none", True), ("sinusoidal", False), ("learned", False)],
)
def test_moving_all_words_changes_scores_only_where_places_are_added(looks, positions, is_same):
    look = looks(positions).open().part("positions")
    (largest,) = look.numbers("[data-value=largest]")
    assert (largest < 1e-6) == is_same
    assert "The translation stays" in look.page.inner_text(".panel .says") or not is_same
    look.page.select_option("[data-key=who]", "2")
    (largest,) = look.numbers("[data-value=largest]")
    assert (largest < 1e-6) == (positions == "none")
    if positions in ("rotary", "alibi"):
        changed = look.table("What has changed").abs() > 1e-6
        assert not changed[[0, 2, 3, 4]][:, [0, 2, 3, 4]].any(), "only the moved word's row and column"
        assert changed[1].any()


def test_the_stream_is_read_through_the_last_norm_and_the_output_layer(look):
    look.page.click("[data-key='step:2']")
    look.part("residual")
    model = look.made.model
    streams = [look.trace["embedded"]]
    streams += [layer[kind]["output"] for layer in look.trace["layers"] for kind in ("self", "cross", "feedForward")]
    with torch.no_grad():
        wanted = [model.output(model.decoder.norm(x))[0, 2].softmax(-1)[look.written.tokens[2]].item() for x in streams]
    assert look.numbers(".stream .bar") == pytest.approx(wanted, abs=TOLERANCE)
    added = [
        layer[kind]["added"][0, 2].norm() for layer in look.trace["layers"] for kind in ("self", "cross", "feedForward")
    ]
    assert look.numbers(".stream tbody tr td:nth-child(4)")[1:] == pytest.approx(
        [one.item() for one in added], abs=TOLERANCE
    )


def test_a_word_has_its_neighbours_in_the_table(look):
    look.part("embedding.source")
    look.page.select_option("[data-key=whose]", "2")
    table = look.made.model.source_embedding.table.detach()
    cosines = torch.nn.functional.cosine_similarity(table, table[look.ids[2]], dim=-1)
    assert look.numbers(".neighbours span") == pytest.approx(cosines.topk(6).values[1:].tolist(), abs=TOLERANCE)
    assert near(look.table("What enters the first layer"), look.source["embedded"][0, 2:3])


def test_a_feed_forward_network_shows_all_on_its_way(look):
    look.part("decoder.1.feedForward")
    trace = look.trace["layers"][1]["feedForward"]
    for name, tensor in (("What it reads, normed", "normed"), ("Hidden, before relu", "hidden"),
                         ("Hidden, after relu", "active"), ("What is added to the stream", "added")):  # fmt: skip
        assert near(look.table(name), trace[tensor][0, :1]), name
    n_open = int((trace["active"][0, 0] > 0).sum())
    assert f"{n_open} of {look.made.model.config.d_ff} hidden numbers are above 0" in look.said()


def test_each_part_names_the_lesson_that_built_it_its_cell_and_its_owner(look):
    lesson_of = {name: lesson[:2] for lesson, names in lessons().items() for name in names}
    named = look.page.evaluate(f"() => {{ {script('lessons.js')} return modules['lessons.js'].BUILT; }}")
    assert named == {name: lesson_of[name] for name in named}
    for part in PARTS:
        for line in look.part(part).page.locator(".built").all():
            assert re.match(r"Built in lesson \d\d: \w+", line.inner_text())
    assert look.page.locator(".built a").count() == 0, "a link that leads nowhere is worse than none"
    folder = look.file.parent
    write_page(look.made, folder / "linked.html", {"masked_softmax": "yours", "residual": "the course's"},
               {"masked_softmax": "04_self_attention.html#masked_softmax"})  # fmt: skip
    look.page.goto((folder / "linked.html").as_uri())
    look.type(TYPED).part("encoder.0.self", "weights")
    assert "masked_softmax (yours)" in look.page.inner_text(".built")
    assert look.page.get_attribute(".built a", "href") == "04_self_attention.html#masked_softmax"
    assert "1 of 2 are your own code" in look.page.inner_text("header")


def test_sliders_change_the_bars_as_decoding_does(look):
    look.page.click("[data-key='step:1']")
    look.part("next")
    logits = look.trace["logits"][0, 1]
    for place, temperature, k, top_p in ((None, 1.0, None, 1.0), (4, 1.7, 5, 1.0), (5, 0.6, 8, 0.75)):
        look.page.fill("[data-key=temperature]", str(temperature))
        if place is not None:
            look.page.fill("[data-key=top-k]", str(place))
        look.page.fill("[data-key=top-p]", str(top_p))
        wanted = next_probabilities(logits, temperature, k, top_p)
        bars = look.page.eval_on_selector_all(".bars li", "all => all.map(one => [one.dataset.id, one.dataset.number])")
        assert len(bars) == 12
        for token, share in bars:
            assert float(share) == pytest.approx(wanted[int(token)].item(), abs=TOLERANCE)
        assert f"{int((wanted > 0).sum())} of {len(ENGLISH)} can still be drawn" in look.said()
        cut = look.page.locator(".bars .cut .p").all_inner_texts()
        assert cut == ["cut"] * sum(wanted[int(token)] == 0 for token, _ in bars).item() if k else cut == []


def test_the_same_seed_draws_the_same_words(look):
    look.part("next")

    def drawn(seed: int) -> list[str]:
        look.page.fill("[data-key=seed]", str(seed))
        words = []
        for _ in range(6):
            look.page.click("[data-key=draw]")
            words.append(look.page.inner_text(".draw p"))
        return words

    assert drawn(3) == drawn(3) != drawn(4)
    look.page.click("[data-key=draw-many]")
    assert len(re.findall(r"\d+[,.]", look.page.inner_text(".draw p"))) > 5
    look.page.fill("[data-key=top-k]", "0")  # one word alone
    look.page.click("[data-key=draw-many]")
    likeliest = look.page.locator(".bars .word").first.inner_text()
    assert look.page.inner_text(".draw p") == f"Of 100 draws: {likeliest} 100."


def test_the_tree_grows_to_what_beam_search_finds(look):
    look.part("beam")
    model, source = look.made.model, torch.tensor([look.ids])

    def next_logits(tokens: torch.Tensor) -> torch.Tensor:
        memory = model.encode(source)
        rows = len(tokens)
        return model.decode(tokens, memory.expand(rows, -1, -1), source.expand(rows, -1))[:, -1]

    for width in (1, 4):
        look.page.fill("[data-key=width]", str(width))
        with torch.no_grad():
            tokens, score = beam_search(next_logits, torch.tensor([[BOS]]), width, 50)
        ended = look.page.locator(".tree section").nth(1).locator("li")
        assert look.numbers(".tree section:nth-child(2) li")[0] == pytest.approx(score, abs=TOLERANCE)
        assert detokenize(ENGLISH.decode(tokens)) in ended.first.inner_text()
    look.page.fill("[data-key=tree-steps]", "2")
    assert look.page.locator(".tree g.alive").count() <= 2 * 4
    assert look.page.locator(".tree g.greedy").count() == 3, "the beginning and two steps of greedy's way"
    look.page.fill("[data-key=width]", "1")
    chips = [re.sub(r" \(\?\)$", "", text) for text in look.page.locator(".written button span").all_inner_texts()]
    assert look.page.locator(".tree g.greedy .word").all_text_contents() == ["<bos>", *chips], "greedy is a beam of one"
