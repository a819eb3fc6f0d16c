"""The order in which a person lists sizes: 28, 30, 32x34 before XS, S, M before ONE SIZE."""

import re

SizeKey = tuple[int, tuple[int, ...], str]

_TOKEN = re.compile(r"\d+|[A-Z]+")
_SMALL_TO_LARGE = ("XXXS", "XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL", "XXXXL")
_LETTERS = {letters: rank for rank, letters in enumerate(_SMALL_TO_LARGE)}
_COUNTED_XL = re.compile(r"(?<![\dA-Z])([1-4])XL?(?![A-Z])")


def size_key(size: str) -> SizeKey:
    """Sorts numbered sizes by number, then lettered ones from small to large, then the rest by name."""
    text = _COUNTED_XL.sub(lambda found: "X" * int(found[1]) + "L", size.upper())
    tokens = _TOKEN.findall(text)
    if tokens and tokens[0].isdigit():
        return 0, tuple(int(token) for token in tokens if token.isdigit()), size
    ranks = tuple(_LETTERS[token] for token in tokens if token in _LETTERS)
    return (1, ranks, size) if ranks else (2, (), size)
