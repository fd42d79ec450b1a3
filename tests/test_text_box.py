"""The text box: does it answer what is typed, mark what is doubtful, ask about slips, and leave a still?"""

import html
import re
from collections.abc import Sequence

import numpy as np
import pytest

from course.corpus import detokenize, glossary, mend
from course.plots.text_box import MOST_PICTURES, TextBox, Translated, text_box

ENGLISH = {"der": "the", "Hund": "dog", "Katze": "cat", "die": "the", "schläft": "sleeps", "müde": "tired", "ist": "is"}
KNOWN = frozenset([*ENGLISH, ".", "?", "!", ","])


def word_by_word(words: Sequence[str]) -> Translated:
    """A translator that knows a few words, doubts each "sleeps", and looks at each word in its turn."""
    english = [ENGLISH.get(word, word) for word in words]
    return Translated(english, [word == "sleeps" for word in english], np.eye(len(words)))


def box(**options) -> TextBox:
    return text_box(word_by_word, lambda text: mend(text, KNOWN), detokenize, **options)


def seen(made: TextBox) -> str:
    """What can be read under the field."""
    return html.unescape(re.sub(r"<[^>]+>", " ", made.answer.value))


def buttons(made: TextBox) -> dict:
    lines = [child for line in made.asked.children for child in line.children]
    return {child.description: child for child in lines if hasattr(child, "click")}


def test_what_is_typed_is_mended_and_translated() -> None:
    made = box()
    made.text.value = "hund schlaeft"
    assert "Hund schläft." in seen(made)
    assert "Dog sleeps" in re.sub(r"\s+", " ", seen(made))
    assert "hund is written Hund; schlaeft is written schläft; a full stop put at the end" in seen(made)
    assert buttons(made) == {}


def test_a_doubtful_word_has_a_colour_and_a_sign_and_others_have_not() -> None:
    made = box()
    (mark,) = re.findall(r"<mark[^>]*>(.*?)</mark>", made.answer.value)
    assert re.sub(r"<[^>]+>", "", mark) == "sleeps (?)"
    assert re.search(r"<mark[^>]*background[^>]*color:", made.answer.value), "its own colour of letters: any theme"
    assert "not sure" in seen(made)
    made.text.value = "Der Hund ist müde."
    assert "<mark" not in made.answer.value
    assert "not sure" not in seen(made)


def test_a_doubtful_first_word_has_its_capital_and_a_sign_is_not_marked() -> None:
    made = text_box(lambda words: Translated(["who", "?"], [True, True]), lambda text: mend(text, KNOWN), detokenize)
    assert re.findall(r"<mark[^>]*>(\w+)", made.answer.value) == ["Who"]
    assert made.pictures.value == "", "there are no weights"


def test_the_picture_names_the_words_of_both_sentences() -> None:
    made = box()
    assert "decoder layer, rows: the dog sleeps ., columns: der Hund schläft ." in made.pictures.value
    made.text.value = "Der Hund schläft. " * 5
    assert made.pictures.value.count("<img") == MOST_PICTURES
    assert seen(made).count("Der Hund schläft.") == 5


def test_weights_of_pieces_carry_the_pieces() -> None:
    def in_pieces(words: Sequence[str]) -> Translated:
        return Translated(["dogs"], [False], np.ones((2, 3)), ["dog", "s"], ["Hu", "nde", "."])

    made = text_box(in_pieces, lambda text: mend(text, KNOWN))
    assert "rows: dog s, columns: Hu nde ." in made.pictures.value


def test_a_slip_is_asked_and_its_button_corrects_it() -> None:
    made = box()
    made.text.value = "Der Hnud schläft. Die Katze ist müde."
    assert "Hnud" not in seen(made), "a sentence with an unknown word is not translated"
    assert "The cat is tired." in seen(made)
    assert set(buttons(made)) == {"Hund?", "Translate all the same"}
    buttons(made)["Hund?"].click()
    assert made.text.value == "Der Hund schläft. Die Katze ist müde."
    assert "The dog" in seen(made)
    assert made.asked.children == ()


def test_a_word_never_read_is_named_and_translated_only_if_asked() -> None:
    made = box()
    made.text.value = "Der Hamster ist müde."
    line, _ = made.asked.children
    assert "Hamster" in line.children[0].value
    assert "never read" in line.children[0].value
    assert "tired" not in seen(made)
    buttons(made)["Translate all the same"].click()
    assert "The Hamster is tired." in seen(made)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("   ", "Type a German sentence"), ("?!", "no word"), ("I am a dog", "English"), ("Собака", "Cyril")],
)
def test_where_nothing_is_to_be_translated_the_box_says_why(typed: str, said: str) -> None:
    made = box()
    made.text.value = typed
    assert said in seen(made)
    assert made.pictures.value == ""


def test_what_is_typed_is_shown_and_not_run() -> None:
    made = box(sentence="<script>alert(1)</script> & <b>Hund")
    shown = made.answer.value + made.still() + "".join(line.children[0].value for line in made.asked.children[:-1])
    assert "<script" not in shown
    assert "<b>Hund" not in shown


def test_what_the_translator_raises_is_said_in_the_box() -> None:
    def broken(words: Sequence[str]) -> Translated:
        raise ValueError("d_k=3 must be even")

    made = text_box(broken, lambda text: mend(text, KNOWN))
    assert "translate raised ValueError: d_k=3 must be even" in seen(made)


def test_a_translator_that_writes_nothing_or_too_few_weights_is_told_so() -> None:
    made = text_box(lambda words: Translated([], [], np.ones((0, 3))), lambda text: mend(text, KNOWN))
    assert "wrote no word" in seen(made)
    made = text_box(lambda words: Translated(["dog"], [False], np.ones((2, 3))), lambda text: mend(text, KNOWN))
    assert "weights has shape (2, 3), but there are 1 row" in seen(made)


def test_a_sentence_of_chance() -> None:
    drawn = iter(["Die Katze schläft.", "Die Katze schläft.", "Der Hund ist müde."])
    made = box(draw=lambda: next(drawn))
    for wanted in ("Die Katze schläft.", "Die Katze schläft.", "Der Hund ist müde."):
        made.random.click()
        assert made.text.value == wanted
        assert wanted in seen(made)
    assert box().random.layout.display == "none", "there is nothing to draw"


def test_words_by_kind_with_their_english() -> None:
    words = glossary()
    made = box(glosses=words)
    assert made.fold.value.count("<details>") == 1 + len(words)
    assert "der Hund</b></span> dog" in made.fold.value
    assert f"nouns: {len(words['nouns'])}" in made.fold.value
    assert box().fold.value == ""


def test_without_a_kernel_there_is_a_still_with_a_sentence_translated() -> None:
    bundle = box(glosses=glossary())._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    still = bundle["text/html"]
    for part in ("Der Hund schläft.", "sleeps", '<img alt="Weights', "<details>", "run this cell"):
        assert part in still


def test_the_field_and_the_buttons_have_names_and_are_reached_in_order() -> None:
    made = box(draw=lambda: "Der Hund ist müde.")
    assert made.text.description == "German:"
    assert not made.text.continuous_update
    assert [made.go.description, made.random.description] == ["Translate", "Random sentence"]
    assert made.children[0] is made.text
    assert made.children[1].children == (made.go, made.random)
    assert 'role="status"' in made.answer.value, "read out when it changes"
