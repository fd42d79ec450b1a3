"""Checkpoints: is a file that does not belong to this training refused, and is it said why?"""

from dataclasses import replace

import pytest
import torch

from course.checkpoint import difference, fingerprint, read_checkpoint, write_checkpoint
from course.training import batches_by_length, train
from tests.copying import CONFIG, PAIRS, VALIDATION, State, sentences, small_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "folder" / "model.pt"
    train(small_model(), PAIRS, replace(CONFIG, n_steps=6), VALIDATION, path)
    return path


def resume(path, model=None, pairs=PAIRS, validation=VALIDATION, **changes):
    config = replace(CONFIG, **({"n_steps": 6} | changes))
    return train(model or small_model(), pairs, config, validation, path)


def test_folders_are_made_and_nothing_else_is_left(saved):
    assert [one.name for one in saved.parent.iterdir()] == ["model.pt"]
    assert len(resume(saved)) == 6


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 4}, "seed=3 instead of 4"),
        ({"n_steps": 9}, "n_steps=6 instead of 9"),
        ({"n_steps": 7, "learning_rate": 0.1}, r"n_steps=6 instead of 7, learning_rate=0.01 instead of 0.1"),
        ({"smoothing": 0.0}, "smoothing=0.1 instead of 0.0"),
        ({"every": 2}, "every=5 instead of 2"),
        ({"pairs": PAIRS[1:]}, "other pairs of sentences"),
        ({"pairs": PAIRS[::-1]}, "other pairs of sentences"),
        ({"validation": sentences(2, 10)}, "other pairs of sentences"),
        ({"validation": ()}, "other pairs of sentences"),
        ({"model": small_model(d_model=32)}, "a model of other sizes"),
        ({"model": torch.nn.Linear(3, 3)}, "a model of other sizes"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_said_why(saved, changes, said):
    with pytest.raises(
        ValueError, match=f"was saved by a training with {said}.*: delete the file or name another"
    ) as error:
        resume(saved, **changes)
    assert str(saved) in str(error.value)


def test_a_refused_checkpoint_leaves_model_and_file_as_they_were(saved):
    model = small_model(seed=8)
    before, written = [one.clone() for one in model.parameters()], saved.read_bytes()
    with pytest.raises(ValueError, match="seed=3 instead of 5"):
        resume(saved, model, seed=5)
    assert all(map(torch.equal, before, model.parameters()))
    assert saved.read_bytes() == written


@pytest.mark.parametrize("kind", ["empty", "text", "half", "one byte short", "zeros"])
def test_a_file_that_is_none_or_torn_is_refused(saved, tmp_path, kind):
    whole = saved.read_bytes()
    contents = {
        "empty": b"",
        "text": b"Liebes Tagebuch\n" * 9,
        "half": whole[: len(whole) // 2],
        "one byte short": whole[:-1],
    }
    contents["zeros"] = bytes(900)
    path = tmp_path / "model.pt"
    path.write_bytes(contents[kind])
    with pytest.raises(ValueError, match="cannot be read: it is torn, or no checkpoint at all") as error:
        resume(path)
    assert str(path) in str(error.value)
    assert path.read_bytes() == contents[kind]


@pytest.mark.parametrize("thing", [{"weights": torch.ones(3)}, torch.ones(3), small_model().state_dict(), {}, [1, 2]])
def test_another_file_of_torchs_is_refused(tmp_path, thing):
    torch.save(thing, tmp_path / "model.pt")
    with pytest.raises(ValueError, match="no checkpoint of a training"):
        resume(tmp_path / "model.pt")


def test_a_file_that_would_run_code_is_refused(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("it has run",))

    torch.save(Evil(), tmp_path / "model.pt")
    with pytest.raises(ValueError, match="cannot be read"):
        resume(tmp_path / "model.pt")


def test_pairs_as_lists_or_tuples_are_the_same_pairs():
    as_tuples = tuple((tuple(source), tuple(target)) for source, target in PAIRS)
    assert fingerprint(PAIRS, VALIDATION) == fingerprint(as_tuples, tuple(VALIDATION))
    assert fingerprint(PAIRS, VALIDATION) != fingerprint([*PAIRS, *VALIDATION], [])
    assert fingerprint([([1, 2], [3])]) != fingerprint([([1], [2, 3])])


def test_what_is_written_comes_back(tmp_path):
    path = tmp_path / "a" / "b.pt"
    write_checkpoint(path, {"x": torch.arange(3), "n": 2.5})
    write_checkpoint(path, {"x": torch.arange(4), "n": 1e-300})
    found = read_checkpoint(path, {"x", "n"})
    assert found["x"].tolist() == [0, 1, 2, 3]
    assert found["n"] == 1e-300


def test_two_checkpoints_beside_each_other_do_not_meet(tmp_path):
    (tmp_path / "gru.part").write_text("a part of something else")
    for name in ("gru.pt", "gru.best"):
        write_checkpoint(tmp_path / name, {"name": name})
    assert read_checkpoint(tmp_path / "gru.pt", {"name"}) == {"name": "gru.pt"}
    assert (tmp_path / "gru.part").read_text() == "a part of something else"


def test_no_difference_from_oneself():
    mine = {"config": {"seed": 1}, "data": 3, "model": {"w": torch.ones(2)}}
    assert difference(mine, mine) == []
    assert difference(mine | {"config": {}}, mine) == ["seed=None instead of 1"]


def test_trainings_of_these_tests_go_on_across_the_end_of_a_round():
    """Some checkpoints fall into the middle of a round, and there is more than one round."""
    batches = batches_by_length(
        range(len(PAIRS)), [(len(source), len(target)) for source, target in PAIRS], CONFIG.n_tokens
    )
    assert len(batches) % CONFIG.every != 0
    assert CONFIG.n_steps > 2 * len(batches)


def test_states_can_differ():
    """The comparison of test_train sees another training."""
    one, other = (
        State(config=replace(CONFIG, n_steps=3)),
        State(config=replace(CONFIG, n_steps=3), model=small_model(1)),
    )
    assert one.losses != other.losses
    assert any(not torch.equal(a, b) for a, b in zip(one.optimizer, other.optimizer, strict=True))
