"""Checks of the values of options of slabs. Each returns a message, or None."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from numbers import Integral, Real
from typing import Any

from .surface_cell import read_surface_cell

GENERATORS = ('exact', 'pymatgen')

CELLS_OF_INDICES = ('given', 'conventional')

WHOLE = ('auto', 'molecules', 'layers')

RECONSTRUCTIONS = ('tasker',)

PAIR = re.compile(r'([A-Z][a-z]?)-([A-Z][a-z]?)')
"""A pair of elements, such as ``P-O``."""

LONGEST_BOND = 6.0
"""No bond is longer than this (Å)."""

NARROWEST_GAP = 0.01
"""Heights (Å) that differ by less are one: with this tolerance symmetry is found."""

MAX_NORMAL_SEARCH = 20
"""The search grows with the cube of its range: at 20 it takes about a second."""


def check_positive(name: str, value: object) -> str | None:
    """Check that a named quantity is a finite number above 0.

    :returns: a message or None, as for all checks.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return f'The {name} must be a number above 0, not {value!r}.'
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isfinite(number) and number > 0:
        return None
    return f'The {name} must be a finite number above 0, not {number}.'


def check_count(name: str, value: Any, highest: float = math.inf) -> str | None:
    """Check that a named number is an integer above 0, and not above the highest."""
    is_integer = not isinstance(value, bool) and isinstance(value, Integral)
    if is_integer and 1 <= int(value) <= highest:
        return None
    allowed = 'an integer above 0' if math.isinf(highest) else f'an integer from 1 to {highest}'
    return f'{name} must be {allowed}, not {value!r}.'


def check_thickness(value: object) -> str | None:
    """Check the minimal thickness of the slab: a finite number above 0 (Å or planes)."""
    return check_positive('minimal slab thickness', value)


def check_thickness_or_none(value: object) -> str | None:
    """Check the minimal thickness of the slab, if it is given."""
    return None if value is None else check_thickness(value)


def check_layers(value: object) -> str | None:
    """Check the requested number of atomic layers: None or an integer above 0."""
    return None if value is None else check_count('layers', value)


def check_layer_tolerance(value: object) -> str | None:
    """Check the largest thickness of a layer: a finite number (Å), at least 0.01."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if is_number and NARROWEST_GAP <= float(value) < math.inf:  # type: ignore[arg-type]
        return None
    return f'layer_tolerance must be a finite number (Å) of at least {NARROWEST_GAP}, not {value}.'


def check_vacuum(value: object) -> str | None:
    """Check the minimal thickness of the vacuum: a finite number above 0 (Å or planes)."""
    return check_positive('minimal vacuum thickness', value)


def check_max_atoms(value: object) -> str | None:
    """Check the largest number of atoms of a slab: an integer above 0."""
    return check_count('max_atoms', value)


def check_max_normal_search(value: object) -> str | None:
    """Check how far to search for a c vector along the normal: None or an integer from 1 to 20."""
    return None if value is None else check_count('max_normal_search', value, MAX_NORMAL_SEARCH)


def check_symmetrize(value: object) -> str | None:
    """Check whether slabs must be symmetric: True, False or ``'if_possible'``."""
    if value in (True, False, 'if_possible'):
        return None
    return f"symmetrize must be True, False or 'if_possible', not {value!r}."


def check_generator(value: object) -> str | None:
    """Check that there is such a generator."""
    if value in GENERATORS:
        return None
    return f'generator must be one of {", ".join(GENERATORS)}, not {value!r}.'


def check_indices_of(value: object) -> str | None:
    """Check which cell Miller indices refer to."""
    if value in CELLS_OF_INDICES:
        return None
    return f'indices_of must be one of {", ".join(CELLS_OF_INDICES)}, not {value!r}.'


def check_keep_whole(value: object) -> str | None:
    """Check what is kept whole: None, or words such as ``auto``, ``molecules``, ``P-O``."""
    if value is None:
        return None
    words = split_words(value)
    if words is None or not words:
        return f'keep_whole must be a word or a list of words, not {value!r}.'
    for word in words:
        if word not in WHOLE and PAIR.fullmatch(word) is None:
            return (
                f'keep_whole must be {", ".join(WHOLE)} or a pair of elements such as P-O, '
                f'not {word!r}.'
            )
    return None


def split_words(value: object) -> list[str] | None:
    """Return the words of a text with commas, or of a list; None if it is neither."""
    if isinstance(value, str):
        return [word for word in re.split(r'[,\s]+', value) if word]
    if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes):
        words = list(value)
        return words if all(isinstance(word, str) for word in words) else None
    return None


def check_bonds(value: object) -> str | None:
    """Check the lengths of bonds: None, or lengths (Å) by pair of elements."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or not value:
        return f"bonds must be lengths (Å) by pair of elements such as {{'P-O': 1.8}}, not {value}."
    for pair, length in value.items():
        if not isinstance(pair, str) or PAIR.fullmatch(pair) is None:
            return f"bonds must have pairs of elements such as 'P-O', not {pair!r}."
        if (problem := check_positive(f'length of the bond {pair}', length)) is not None:
            return problem
        if float(length) > LONGEST_BOND:
            return (
                f'The length of the bond {pair} must be at most {LONGEST_BOND:g} Å, not {length}.'
            )
    return None


def check_surface_cell(value: object) -> str | None:
    """Check the cell in the plane: None, multiples, a matrix, Wood's notation or a length (Å)."""
    if value is None:
        return None
    try:
        read_surface_cell(value)
    except ValueError as error:
        return str(error)
    return None


def check_max_terminations(value: object) -> str | None:
    """Check the largest number of terminations of a surface: None or an integer above 0."""
    return None if value is None else check_count('max_terminations', value)


def check_max_broken_bonds(value: object) -> str | None:
    """Check the largest number of broken bonds (1/Å²): None or a finite number, at least 0."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if value is None or (is_number and 0 <= float(value) < math.inf):  # type: ignore[arg-type]
        return None
    return f'max_broken_bonds must be a finite number (1/Å²) of at least 0, not {value!r}.'


def check_top(value: object) -> str | None:
    """Check the element of the outermost atoms: None or a symbol."""
    if value is None or (isinstance(value, str) and re.fullmatch('[A-Z][a-z]?', value)):
        return None
    return f'top must be the symbol of an element such as O, not {value!r}.'


def check_reconstruct(value: object) -> str | None:
    """Check how polar slabs are reconstructed: None or ``'tasker'``."""
    if value in (None, *RECONSTRUCTIONS):
        return None
    return f'reconstruct must be {", ".join(RECONSTRUCTIONS)}, not {value!r}.'


def check_max_reconstructions(value: object) -> str | None:
    """Check the largest number of arrangements: an integer above 0."""
    return check_count('max_reconstructions', value)


def check_switch(name: str, value: object) -> str | None:
    """Check that a named option is True or False."""
    return None if isinstance(value, bool) else f'{name} must be True or False, not {value!r}.'


def check_size_asked(thickness: object, layers: object) -> str | None:
    """Check that either a thickness of slabs or a number of atomic layers is given, not both."""
    if (thickness is None) != (layers is None):
        return None
    if thickness is None:
        return 'Either the thickness of the slabs or their number of layers is needed.'
    return (
        'Give either the thickness of the slabs or their number of layers: '
        f'both are there, {thickness} and {layers}.'
    )


def check_together(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each option that does not go with others, with a message.

    :param values: the options by name, without those that have their default, or None for these.
    """
    if values.get('generator', GENERATORS[0]) != 'exact':
        if values.get('layers') is not None:
            yield 'layers', 'Only the generator exact counts layers; give the thickness in Å.'
        for name in ('keep_whole', 'surface_cell', 'reconstruct'):
            if values.get(name) is not None:
                yield name, f'Only the generator exact has {name}.'
    if values.get('surface_cell') is not None and values.get('primitive') is False:
        yield 'surface_cell', 'A surface_cell consists of smallest cells; primitive must be True.'


def check_elements(
    values: Mapping[str, Any], elements: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the name of each option that names an element which a crystal has not.

    :param values: the options by name; each is valid by itself.
    :param elements: the symbols of the elements of the crystal.
    """
    pairs = {
        'keep_whole': split_words(values.get('keep_whole') or ()) or [],
        'bonds': list(values.get('bonds') or ()),
    }
    named = {
        name: [symbol for word in words if PAIR.fullmatch(word) for symbol in word.split('-')]
        for name, words in pairs.items()
    }
    named['top'] = [values['top']] if values.get('top') is not None else []
    for name, symbols in named.items():
        for symbol in symbols:
            if symbol not in elements:
                there = ', '.join(sorted(elements))
                yield name, f'{name} names {symbol}, which the crystal has not: it has {there}.'
                break
