"""Tasker's types of ionic surfaces: J. Phys. C 12, 4977 (1979)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..bulk.crystal import Vectors
from ..exact.stacking import Stacking
from .polarity import DIPOLE_TOLERANCE, charge_of

NEUTRAL = 1e-3
"""Charges (e) of layers and periods that are smaller are 0; guessed ones can be fractions."""


@dataclass(frozen=True)
class LayerCharges:
    """The charges of the layers of a crystal along the normal of a plane.

    :ivar stacking: the layers.
    :ivar charges: of each atom of the primitive cell, shape (N,), in e.
    :ivar source: where they come from: ``given`` or ``guessed``.
    """

    stacking: Stacking
    charges: Vectors
    source: str

    @classmethod
    def of(
        cls, stacking: Stacking, charges: Mapping[str, float] | None, source: str
    ) -> LayerCharges | None:
        """Return the charges of layers; None if they are unknown, all 0, or not neutral together.

        :param charges: the return value of :func:`~.polarity.find_charges`.
        """
        if charges is None:
            return None
        crystal = stacking.crystal
        species = [
            crystal.kinds.original(crystal.structure[index].specie) for index in crystal.atoms
        ]
        each = np.array([charge_of(one, charges) for one in species])
        if not each.any() or abs(each.sum()) > NEUTRAL:
            return None
        return cls(stacking, each, source)

    def of_layer(self, layer: int) -> float:
        """Return the charge (e) of a layer in the minimal cell."""
        return float(self.charges[self.stacking.layers[layer % len(self.stacking.layers)]].sum())

    def dipole(self, top: int) -> float:
        """Return the dipole moment (e Å) of a period below a cut in the minimal cell.

        :param top: the layer below the cut.
        """
        members, positions = self.stacking.cut_members(top - len(self.stacking.layers) + 1, top)
        return float(self.charges[members] @ positions[:, 2])

    def find_type(self, top: int) -> tuple[str, str]:
        """Return Tasker's type of a cut, and how it was decided.

        :param top: the layer below the cut.
        """
        words = self._words
        if self._largest < NEUTRAL:
            return 'I', f'all layers are neutral ({words})'
        density = self.dipole(top) / self.stacking.area
        if abs(density) <= DIPOLE_TOLERANCE:
            return 'II', f'layers have charges, but a period has no dipole moment ({words})'
        return 'III', f'a period has a dipole moment of {density:.3f} e/Å ({words})'

    @cached_property
    def _largest(self) -> float:
        """The largest charge (e) of a layer, whatever its sign."""
        return max(abs(self.of_layer(number)) for number in range(len(self.stacking.layers)))

    @cached_property
    def _words(self) -> str:
        """The charges of the elements, and their source."""
        elements = self.stacking.crystal.elements
        found = {
            (element, round(float(charge), 3))
            for element, charge in zip(elements, self.charges, strict=True)
        }
        listed = ', '.join(f'{element} {charge:+g}' for element, charge in sorted(found))
        return f'{self.source} charges {listed}'
