"""Slabs in plain Python: relax all, compare the energies, relax the best again."""

from __future__ import annotations

from typing import Any

from aiida.orm import AbstractCode, Float, List, StructureData
from aiida_vasp.workchains.v2.vasp import VaspWorkChain

from ..calculations.gather_energies import find_energy, gather_energies
from ..calculations.generate_slabs import generate_slabs
from ..durable import ChildFailed, Handle, gather, report, submit, workflow

#: How far above the best of its composition a slab may lie to be relaxed again, in eV.
WINDOW = 0.1

#: The tags of the INCAR for the second, tighter relaxation.
TIGHT = {'ediff': 1e-6, 'ediffg': -0.01}


@workflow
async def relax_best(
    code: AbstractCode,
    crystal: StructureData,
    miller_indices: List,
    thickness: Float,
    vacuum: Float,
    incar: dict[str, Any],
    vasp: dict[str, Any],
) -> dict[str, Any]:
    """Relax every termination; then relax the best of each composition again, more tightly.

    Lengths are in Å; ``vasp`` has the other inputs of VaspWorkChain as plain values.
    """

    def relax(slab: StructureData, **tags: float) -> Handle:
        parameters = {'incar': {**incar, **tags}}
        return submit(VaspWorkChain, code=code, structure=slab, parameters=parameters, **vasp)

    thicknesses: Any = {'min_slab_thickness': thickness, 'min_vacuum_thickness': vacuum}
    cut: Any = generate_slabs(crystal, miller_indices, **thicknesses)
    ended = await gather(
        {label: relax(slab) for label, slab in cut['slabs'].items()}, return_exceptions=True
    )
    relaxed = {label: end for label, end in ended.items() if not isinstance(end, ChildFailed)}
    if not relaxed:
        raise next(iter(ended.values()))
    energies = {label: find_energy(outputs.misc.get_dict()) for label, outputs in relaxed.items()}
    formulas = {label: outputs.structure.get_formula() for label, outputs in relaxed.items()}
    again = {}
    for label, outputs in relaxed.items():
        rivals = [energies[other] for other in relaxed if formulas[other] == formulas[label]]
        if energies[label] < min(rivals) + WINDOW:
            report(f'{label}: among the best {formulas[label]}')
            again[label] = relax(outputs.structure, **TIGHT)
    relaxed |= await gather(again)
    misc: Any = {label: outputs.misc for label, outputs in relaxed.items()}
    gathered: Any = gather_energies(misc=misc)
    return {'structures': {label: end.structure for label, end in relaxed.items()}, **gathered}
