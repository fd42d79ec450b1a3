"""Moved: do notebooks handed out earlier still find what they import?"""

import importlib

import pytest

from course import attention, multi_head

# What notebooks of the first version import from these modules, though it lives elsewhere now.
IMPORTED = {
    "attention": ("split_heads", "merge_heads", "MultiHeadAttention", "n_parameters", "heads_as_sum"),
    "training": ("corpus_bleu", "translate", "translate_batch"),
}


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in IMPORTED.items() for name in names])
def test_what_has_moved_is_found_where_it_was(module, name):
    found = getattr(importlib.import_module(f"course.{module}"), name)
    assert found is getattr(importlib.import_module(found.__module__), name)
    assert found.__module__ != f"course.{module}"


def test_import_as_a_notebook_writes_it():
    namespace = {}
    exec("from course.attention import MultiHeadAttention, causal_mask", namespace)
    assert namespace["MultiHeadAttention"] is multi_head.MultiHeadAttention
    assert namespace["causal_mask"] is attention.causal_mask


def test_other_names_are_still_missing():
    with pytest.raises(AttributeError, match=r"module 'course\.attention' has no attribute 'hardmax'"):
        attention.hardmax  # noqa: B018
    with pytest.raises(ImportError, match="hardmax"):
        exec("from course.attention import hardmax")
