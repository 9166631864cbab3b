"""Limits on what a figure holds, and the check that a structure can be drawn at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from matplotlib.figure import Figure

from ...surfaces.checks import LONGEST, SHORTEST, THINNEST, narrowest_width

if TYPE_CHECKING:
    from ...results.slabs import SlabResult

#: The largest number of slabs in a drawing, and of diagrams (of planes or slabs) in a figure.
MOST_SLABS, MOST_DIAGRAMS = 25, 16
#: The largest number of pixels of a figure, which keeps its memory below that of AiiDA itself.
MOST_PIXELS = 5_000_000
#: The largest extent of a drawing, Å, and about the largest number of circles in it.
FARTHEST, MOST_CIRCLES = 60.0, 200_000
#: The largest number of atoms in a structure that is drawn.
MOST_ATOMS = 5000
#: The id of the text of a figure that says what is not shown.
NOTE = 'note'
#: The largest number of structures that the note names as impossible to draw.
_NAMED = 3


def find_flaw(atoms: Atoms) -> str | None:
    """Return why a slab cannot be drawn, or None if it can.

    :param atoms: a slab with the vacuum along its third vector.
    """
    if not 0 < len(atoms) <= MOST_ATOMS:
        return f'it has {len(atoms)} atoms, not 1 to {MOST_ATOMS}'
    cell = atoms.cell.array
    with np.errstate(all='ignore'):
        lengths = np.linalg.norm(cell, axis=1)
        extent = np.ptp(atoms.positions, axis=0).max()
        if not (np.isfinite(lengths).all() and np.isfinite(extent)):
            return 'its cell or positions are not finite numbers'
        if lengths.min() < SHORTEST or lengths.max() > LONGEST:
            wrong = lengths.min() if lengths.min() < SHORTEST else lengths.max()
            return f'a vector of its cell is {wrong:.3g} Å long, not {SHORTEST:g} to {LONGEST:g}'
        if extent > LONGEST:
            return f'its atoms are {extent:.3g} Å apart, more than {LONGEST:g}'
        area = float(np.linalg.norm(np.cross(cell[0], cell[1])))
        across = area / lengths[1], area / lengths[0]
        narrowest = narrowest_width(cell)
    if narrowest < THINNEST:
        return f'its cell is {narrowest:.3g} Å wide, less than {THINNEST:g}'
    if len(atoms) * np.prod([FARTHEST / width + 4 for width in across]) > MOST_CIRCLES:
        return f'it has {len(atoms)} atoms over only {area:.3g} Å²'
    return None


def flaw_of(slab: SlabResult) -> str | None:
    """Return why the structures of a slab cannot be drawn, or None."""
    geometries = [atoms for atoms in (slab.initial, slab.relaxed) if atoms is not None]
    if len(geometries) == 2 and geometries[0].numbers.tolist() != geometries[1].numbers.tolist():
        return 'its atoms before and after the relaxation differ'
    return next(filter(None, map(find_flaw, geometries)), None)


def take(labels: Sequence[str], most: int, what: str, flaws: Mapping[str, str]) -> tuple[int, str]:
    """Return how many slabs or planes a figure shows, and a note on the others.

    :param labels: the labels of those that can be drawn.
    :param most: the largest number in the figure.
    :param what: their name in the note, such as ``slabs``.
    :param flaws: why the others cannot be drawn, by label.
    :returns: the number, and the note, which is empty if all are shown.
    """
    shown = min(len(labels), most)
    lines = []
    if shown < len(labels):
        count = f'{shown} of {len(labels) + len(flaws)} {what}'
        lines.append(f'{count} are drawn here: {labels[0]} to {labels[shown - 1]}.')
    if flaws:
        named = '; '.join(f'{label}: {why}' for label, why in list(flaws.items())[:_NAMED])
        more = f'; and {len(flaws) - _NAMED} more' if len(flaws) > _NAMED else ''
        lines.append(f'Cannot be drawn: {named}{more}.')
    return shown, ' '.join(lines)


def take_slabs(slabs: Sequence[SlabResult], most: int) -> tuple[list[SlabResult], str]:
    """Return the slabs of a run that a figure shows, and a note on the others."""
    flaws = {slab.label: flaw for slab in slabs if (flaw := flaw_of(slab)) is not None}
    drawable = [slab for slab in slabs if slab.label not in flaws]
    shown, note = take([slab.label for slab in drawable], most, 'slabs', flaws)
    return drawable[:shown], note


def resolution(width: float, height: float, finest: float = 150.0) -> float:
    """Return the dots per inch for a figure of a size in inches.

    :param finest: the largest number of dots per inch.
    """
    return min(finest, sqrt(MOST_PIXELS / (width * height)))


def note_of(figure: Figure) -> str:
    """Return the note of a figure on what is not shown; empty if all is."""
    # The label is the whole note; the text may have been broken into lines.
    notes = [str(text.get_label()) for text in figure.texts if text.get_gid() == NOTE]
    return notes[0] if notes else ''
