"""The electrostatic potential of a relaxed slab, and the work functions of its faces."""

from __future__ import annotations

from typing import Any

from ...engine.links import outputs_of
from ...parsers.potentials.planar_average import read_average
from ...parsers.potentials.work_function import WorkFunctions
from .sources import Source

#: From this band gap on (eV) the Fermi level says little; smearing leaves some meV in metals.
INSULATING = 0.1


def potential_of(source: Source) -> dict[str, Any]:
    """Return the potential and the work functions, as attributes of a :class:`SlabResult`."""
    misc = source.misc.get_dict()
    values = misc.get('work_functions') or {}
    return {
        'work_functions': WorkFunctions(**values) if 'upper' in values else None,
        'work_functions_refused': values.get('refused'),
        'band_gap': (misc.get('band_properties') or {}).get('band_gap'),
        'potential': read_average(outputs_of(source.process).get('arrays')),
    }
