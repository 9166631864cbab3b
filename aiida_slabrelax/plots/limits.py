"""How much a figure holds, and which structures can be drawn, whatever is in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from matplotlib.figure import Figure
from matplotlib.text import Text

from ..surfaces.checks import LONGEST, SHORTEST, THINNEST, narrowest_width

if TYPE_CHECKING:
    from ..results.slabs import SlabResult

#: So many slabs have a drawing, and so many planes or slabs a diagram of their own.
MOST_SLABS, MOST_DIAGRAMS = 25, 16
#: A figure has at most so many pixels: thumbnails take less memory than the rest of AiiDA.
MOST_PIXELS = 5_000_000
#: A drawing reaches at most this far, Å, and holds about so many circles.
FARTHEST, MOST_CIRCLES = 60.0, 200_000
#: So many atoms a structure that is drawn has.
MOST_ATOMS = 5000
#: The id of the text of a figure that says what it does not show.
NOTE = 'note'
#: So many of the structures that cannot be drawn are named.
_NAMED = 3


def find_flaw(atoms: Atoms) -> str | None:
    """Return why a slab cannot be drawn, or None. The vacuum is along its third vector."""
    if not 0 < len(atoms) <= MOST_ATOMS:
        return f'it has {len(atoms)} atoms, and not 1 to {MOST_ATOMS}'
    cell = atoms.cell.array
    with np.errstate(all='ignore'):
        lengths = np.linalg.norm(cell, axis=1)
        extent = np.ptp(atoms.positions, axis=0).max()
        if not (np.isfinite(lengths).all() and np.isfinite(extent)):
            return 'its cell or positions are no finite numbers'
        if lengths.min() < SHORTEST or lengths.max() > LONGEST:
            wrong = lengths.min() if lengths.min() < SHORTEST else lengths.max()
            return (
                f'a vector of its cell is {wrong:.3g} Å long, and not {SHORTEST:g} to {LONGEST:g}'
            )
        if extent > LONGEST:
            return f'its atoms are {extent:.3g} Å apart, more than {LONGEST:g}'
        area = float(np.linalg.norm(np.cross(cell[0], cell[1])))
        across = area / lengths[1], area / lengths[0]
        narrowest = narrowest_width(cell)
    if narrowest < THINNEST:
        return f'its cell is {narrowest:.3g} Å wide, less than {THINNEST:g}'
    if len(atoms) * np.prod([FARTHEST / one + 4 for one in across]) > MOST_CIRCLES:
        return f'it has {len(atoms)} atoms over only {area:.3g} Å²'
    return None


def flaw_of(slab: SlabResult) -> str | None:
    """Return why the structures of a slab cannot be drawn, or None."""
    seen = [atoms for atoms in (slab.initial, slab.relaxed) if atoms is not None]
    if len(seen) == 2 and seen[0].numbers.tolist() != seen[1].numbers.tolist():
        return 'its atoms are others after the relaxation'
    return next(filter(None, map(find_flaw, seen)), None)


def take(labels: Sequence[str], most: int, what: str, flaws: Mapping[str, str]) -> tuple[int, str]:
    """Return how many of some things a figure shows, and a note on the others.

    :param labels: those of what can be drawn.
    :param most: how many the figure holds.
    :param what: how they are called, ``slabs``.
    :param flaws: why others cannot be drawn, by label.
    :returns: the number; and the note, empty if all are shown.
    """
    shown = min(len(labels), most)
    lines = []
    if shown < len(labels):
        count = f'{shown} of {len(labels) + len(flaws)} {what}'
        lines.append(f'{count} are drawn here: {labels[0]} to {labels[shown - 1]}.')
    if flaws:
        named = '; '.join(f'{label}: {why}' for label, why in list(flaws.items())[:_NAMED])
        more = f'; and {len(flaws) - _NAMED} more' if len(flaws) > _NAMED else ''
        lines.append(f'Not to be drawn: {named}{more}.')
    return shown, ' '.join(lines)


def take_slabs(slabs: Sequence[SlabResult], most: int) -> tuple[list[SlabResult], str]:
    """Return the slabs of a run that a figure shows, and a note on the others."""
    flaws = {slab.label: flaw for slab in slabs if (flaw := flaw_of(slab)) is not None}
    sound = [slab for slab in slabs if slab.label not in flaws]
    shown, note = take([slab.label for slab in sound], most, 'slabs', flaws)
    return sound[:shown], note


def resolution(width: float, height: float) -> float:
    """Return the dots per inch of a figure of this size in inches."""
    return min(150.0, sqrt(MOST_PIXELS / (width * height)))


def note_of(figure: Figure) -> str:
    """Return the note of a figure on what it does not show; empty if there is none."""
    texts = [text.get_text() for text in figure.findobj(Text) if text.get_gid() == NOTE]
    return texts[0] if texts else ''
