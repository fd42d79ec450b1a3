"""The page as a file: its weights to the last bit that matters, its scripts bundled, and the command that writes it."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from course.__main__ import main
from course.classroom.learner import own_page
from course.corpus import LONGEST
from course.mine.record import Own, Part
from course.own_translator import Translator, save_translator
from course.page import HERE, in_script, write_page
from course.page.bundle import bundle
from course.page.model_data import LARGEST, model_data
from course.tokenizer import SPECIAL, Tokenizer
from course.transformer import Transformer, TransformerConfig
from tests.page.models import translator


def saved(path: Path, made: Translator) -> Path:
    save_translator(path, *made)
    return path


def data_in(path: Path) -> dict:
    """The model's data, as a browser finds it: up to the first end of a script element."""
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="model">(.*?)</script', text, re.DOTALL)[1])


def vocabulary(n_pieces: int) -> Tokenizer:
    """Pieces, and merges, as long as German ones are."""
    pieces = [f"piece{n}" for n in range(n_pieces - len(SPECIAL))]
    merges = tuple((piece[:3], piece[3:]) for piece in pieces)
    return Tokenizer(merges, (*SPECIAL, *pieces), frozenset(pieces[: n_pieces // 2]))


def numbers(one: dict) -> torch.Tensor:
    """Whole numbers of three bytes, read as numpy reads those of four."""
    three = np.frombuffer(base64.b64decode(one["numbers"]), np.uint8).reshape(-1, 3)
    four = np.concatenate([np.zeros((len(three), 1), np.uint8), three], axis=1)
    whole = four.view("<i4").reshape(one["shape"]) >> 8
    return torch.from_numpy(whole.astype(np.float64)) * one["step"]


class TestWeights:
    def test_each_is_off_by_half_a_step_at_most(self):
        made = translator(positions="learned", tied=False)
        with torch.no_grad():
            made.model.output.weight[0, 0] = 50.0
            made.model.encoder.norm.bias.zero_()
        weights, data = made.model.state_dict(), model_data(made)["weights"]
        assert list(data) == list(weights)
        for name, one in data.items():
            largest = weights[name].abs().max().item()
            assert (numbers(one) - weights[name].double()).abs().max() <= largest / LARGEST / 2 * (1 + 1e-6), name
        assert numbers(data["output.weight"])[0, 0] == pytest.approx(50.0, rel=1e-12)

    @pytest.mark.parametrize(
        ("choices", "same"),
        [
            ({"tied": True}, {"output.weight": "target_embedding.table"}),
            ({"tied": False}, {}),
            ({"tied": False, "shared": True}, {"target_embedding.table": "source_embedding.table"}),
            ({"shared": True}, dict.fromkeys(["target_embedding.table", "output.weight"], "source_embedding.table")),
        ],
    )
    def test_a_table_that_is_two_is_written_once(self, choices, same):
        data = model_data(translator(**choices))["weights"]
        assert {name: one["same"] for name, one in data.items() if "same" in one} == same

    def test_what_a_model_of_ones_own_has_besides_stays_away(self):
        class Own(Transformer):
            def __init__(self, config):
                super().__init__(config)
                self.register_buffer("table_of_positions", torch.zeros(3))

        made = translator()
        own = Own(made.model.config)
        own.load_state_dict(made.model.state_dict(), strict=False)
        assert model_data(made._replace(model=own)) == model_data(made)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda model: model.output.weight.data[0].fill_(torch.nan), "output.weight holds what is no number"),
            (lambda model: setattr(model.encoder, "norm", nn.Identity()), "no weight encoder.norm.gain of shape"),
            (lambda model: setattr(model, "output", nn.Linear(8, 8)), r"no weight output.weight of shape \(\d+, 16\)"),
        ],
        ids=["nan", "missing", "shape"],
    )
    def test_what_cannot_be_read_again_is_refused(self, change, said):
        made = translator(tied=False)
        change(made.model)
        with pytest.raises(ValueError, match=said):
            model_data(made)

    def test_of_half_precision_too(self):
        made = translator()
        weights = model_data(made._replace(model=made.model.half()))["weights"]
        wanted = made.model.state_dict()["output.weight"].double()
        assert (numbers(weights["target_embedding.table"]) - wanted).abs().max() < 1e-6


class TestBundle:
    def test_each_module_sees_its_own_names_and_what_it_imports(self, tmp_path):
        (tmp_path / "a.js").write_text("const x = 1;\nexport function one() { return x; }\nexport const two = 2;\n")
        (tmp_path / "b.js").write_text('import { one, two as three } from "./a.js";\nconst x = one() + three;\n')
        (tmp_path / "c.js").write_text('export { one as uno } from "./a.js";\nexport class C {}\n')
        assert bundle(tmp_path, "b.js") == (
            'const modules = {};\nmodules["a.js"] = (() => {\nconst x = 1;\nfunction one() { return x; }\n'
            'const two = 2;\nreturn { one, two };\n})();\nmodules["b.js"] = (() => {\n'
            'const { one, two: three } = modules["a.js"];\nconst x = one() + three;\nreturn {  };\n})();\n'
        )
        assert bundle(tmp_path, "c.js").endswith('\nclass C {}\nreturn { C, uno: modules["a.js"].one };\n})();\n')

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("export default 1;\n", "export default 1;"),
            ('import "./x.js";\n', 'import "./x.js";'),
            ('import * as all from "./x.js";\n', "import \\* as all"),
            ('const text = "</script>";\n', "</script"),
            ("const text = '<!--';\n", "<!--"),
            ('import { a } from "./x.js";\n', "in a circle: x.js > x.js"),
        ],
    )
    def test_what_it_does_not_know_is_refused(self, tmp_path, source, said):
        (tmp_path / "x.js").write_text(source)
        with pytest.raises(ValueError, match=said):
            bundle(tmp_path, "x.js")

    def test_every_script_is_once_in_the_page_or_in_what_a_notebook_shows(self):
        entries = [re.findall(r'^modules\["(.*)"\] = ', bundle(HERE, one), re.MULTILINE)
                   for one in ("page.js", "shown.js")]  # fmt: skip
        assert [len(names) for names in entries] == [len(set(names)) for names in entries]
        only_in_a_notebook = {"cell.js", "shown.js", "one_attention.js"}
        assert set(entries[0]) == {path.name for path in HERE.glob("*.js")} - only_in_a_notebook
        assert set(entries[1]) == {path.name for path in HERE.glob("*.js")} - {"cell.js", "page.js"}


class TestPage:
    def test_of_lesson_09s_size_it_is_below_three_megabytes(self, tmp_path):
        german, english = vocabulary(1700), vocabulary(900)
        sizes = {"d_model": 96, "n_heads": 4, "d_ff": 192, "n_layers": 2, "positions": "rotary"}
        sizes |= {"source_vocab_size": len(german), "target_vocab_size": len(english)}
        model = Transformer(TransformerConfig(**sizes))
        assert sum(one.numel() for one in model.parameters()) > 620_000
        write_page(Translator(model, german, english), tmp_path / "page.html")
        assert (tmp_path / "page.html").stat().st_size < 3_000_000

    def test_what_is_put_into_it_ends_no_script_and_fills_no_slot(self, tmp_path):
        made = translator()
        words = frozenset({"</script>", "<!--", "{{script}}", "\\1", "\u2028"})
        write_page(
            made._replace(german=made.german.__class__(made.german.merges, made.german.pieces, words)),
            tmp_path / "x.html",
        )
        assert set(data_in(tmp_path / "x.html")["german"]["words"]) == words
        text = (tmp_path / "x.html").read_text(encoding="utf-8")
        assert text.count("</script>") == 2
        assert "<" not in in_script({"a": "<b>"})

    def test_it_says_whose_parts_are_and_where_they_stand(self, tmp_path):
        write_page(translator(), tmp_path / "x.html", {"rotate": "yours"}, {"rotate": "site/06.html#rotate"})
        data = data_in(tmp_path / "x.html")
        assert data["owners"] == {"rotate": "yours"}
        assert data["lessons"] == {"rotate": {"cell": "site/06.html#rotate"}}
        assert data["mending"]["longest"] == LONGEST


class TestCommand:
    def page(self, capsys, *arguments) -> tuple[int, str]:
        code = main(["page", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out + said.err

    @pytest.fixture(autouse=True)
    def _here(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)

    def test_the_page_of_a_saved_translator(self, capsys, tmp_path):
        made = translator(norm_first=False)
        code, said = self.page(capsys, saved(tmp_path / "mine.pt", made))
        n_numbers = sum(one.numel() for one in made.model.parameters())
        size = (tmp_path / "mine.html").stat().st_size / 1e6
        assert (code, said) == (0, f"mine.html: {n_numbers:,} numbers, {size:.1f} MB; open it in any browser\n")
        assert data_in(tmp_path / "mine.html")["config"]["norm_first"] is False

    def test_it_is_opened_where_that_is_asked(self, capsys, tmp_path, monkeypatch):
        opened = []
        monkeypatch.setattr("webbrowser.open", opened.append)
        assert self.page(capsys, saved(tmp_path / "t.pt", translator()), "-o", "other.html")[0] == 0
        assert opened == []
        assert self.page(capsys, tmp_path / "t.pt", "--output", "other.html", "--open")[0] == 0
        assert opened == [(tmp_path / "other.html").as_uri()]

    def test_it_leads_to_the_lessons_that_are_there(self, capsys, tmp_path):
        site = tmp_path / "reading" / "site"
        site.mkdir(parents=True)
        (site / "06_positions.html").write_text("")
        (tmp_path / "pages").mkdir()
        output = tmp_path / "pages" / "x.html"
        assert self.page(capsys, saved(tmp_path / "t.pt", translator()), "-o", output, "--lessons", site)[0] == 0
        lessons = data_in(output)["lessons"]
        assert lessons["rotate"] == {"cell": "../reading/site/06_positions.html#rotate"}
        assert "causal_mask" not in lessons

    def test_it_says_whose_parts_they_are(self, capsys, tmp_path, monkeypatch):
        path = saved(tmp_path / "t.pt", translator())
        assert self.page(capsys, path)[0] == 0
        assert data_in(tmp_path / "t.html")["owners"] == {}
        mine = Own({"rotate": Part("positions", "x.ipynb", "")})
        monkeypatch.setattr(own_page, "read", lambda folder: mine)
        assert self.page(capsys, path)[0] == 0
        owners = data_in(tmp_path / "t.html")["owners"]
        assert (owners["rotate"], owners["residual"]) == ("yours", "the course's")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda path: path.write_bytes(b"no translator"), "it is torn, or no saved translator at all; train"),
            (lambda path: torch.save({"kind": "another"}, path), "something of torch's, but no translator"),
            (lambda path: edited(path, edition=7), "is of edition 7, but 1 can be read: train"),
            (lambda path: edited(path, config={}), "its configuration must say d_model"),
            (lambda path: diverged(path), "the weight encoder.norm.gain holds what is no number"),
        ],
        ids=["other", "torch's", "edition", "config", "diverged"],
    )
    def test_what_is_no_translator_is_said_in_a_sentence(self, capsys, tmp_path, change, said):
        change(saved(tmp_path / "t.pt", translator()))
        code, text = self.page(capsys, tmp_path / "t.pt")
        assert (code, text.count("\n")) == (1, 1)
        assert said in text
        assert not (tmp_path / "t.html").exists()

    def test_a_page_that_cannot_be_written(self, capsys, tmp_path):
        (tmp_path / "folder.html").mkdir()
        code, text = self.page(capsys, saved(tmp_path / "t.pt", translator()), "-o", "folder.html")
        assert (code, text) == (1, "folder.html cannot be written: Is a directory; name another with --output\n")

    def test_classes_of_ones_own_are_asked_where_the_courses_do_not_fit(self, tmp_path, monkeypatch):
        """Weights under other names are not the course's; somebody's load_translator may know them."""
        path = saved(tmp_path / "t.pt", translator())
        edited(path, weights={"strange": torch.zeros(20_000)})
        with pytest.raises(ValueError, match="do not fit into a Transformer"):
            own_page.opened(path)
        monkeypatch.setattr(own_page, "read", lambda folder: Own({"rotate": Part("positions", "x.ipynb", "")}))
        monkeypatch.setattr(
            "course.mine.parts", type("Parts", (), {"load_translator": lambda path: path}), raising=False
        )
        assert own_page.opened(path) == path


def edited(path: Path, **values) -> None:
    torch.save(torch.load(path) | values, path)


def diverged(path: Path) -> None:
    weights = torch.load(path)["weights"]
    weights["encoder.norm.gain"][0] = torch.inf
    edited(path, weights=weights)
