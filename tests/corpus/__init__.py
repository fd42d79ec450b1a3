"""Tests of the corpus."""


def words(text: str) -> list[str]:
    """The words of a text, for tables that read better as text."""
    return text.split()


def sentences(words, mark: str) -> list[list[str]]:
    """The sentences of a text one by one, each with its sign; mark: the last one's, which German may leave out."""
    found: list[list[str]] = [[]]
    for word in words:
        found[-1].append(word)
        if word in (".", "?", "!"):
            found.append([])
    return [*found[:-1], [*found[-1], mark]] if found[-1] else found[:-1]
