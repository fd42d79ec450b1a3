"""Tests of the corpus."""


def words(text: str) -> list[str]:
    """The words of a text, for tables that read better as text."""
    return text.split()
