"""Antiferromagnetic crystals from files: their order in the files of VASP and in relaxed slabs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from aiida.engine import submit
from aiida.orm import CalcJobNode, InstalledCode, StructureData, WorkChainNode
from pymatgen.core.structure import Structure
from pymatgen.io.cif import CifWriter

from aiida_slabrelax.calculations.crystals import read_structure
from aiida_slabrelax.parsers.kinds import moments_of
from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from magnetic_crystals import antiferromagnetic_nickel_oxide, hematite, tags_of
from process_tree import await_end

CRYSTALS: dict[str, tuple[Callable[[], Structure], list[int], str]] = {
    'NiO': (antiferromagnetic_nickel_oxide, [1, 0, 0], 'json'),
    'Fe2O3': (hematite, [1, 1, 1], 'mcif'),
}


def write(crystal: Structure, path: Path) -> Path:
    if path.suffix == '.mcif':
        path.write_text(str(CifWriter(crystal, write_magmoms=True)))
    else:
        crystal.to(str(path), fmt='json')
    return path


def submit_all(code: InstalledCode, family: str, folder: Path) -> dict[str, WorkChainNode]:
    """Read both crystals from files and relax their slabs side by side."""
    nodes = {}
    for name, (make, plane, form) in CRYSTALS.items():
        builder = SlabRelaxWorkChain.get_builder_from_protocol(
            code,
            read_structure(write(make(), folder / f'{name}.{form}')),
            miller_indices=plane,
            protocol='fast',
            overrides={'vasp': {'potential_family': family}, 'min_slab_thickness': 4.0},
            options={
                'resources': {'num_machines': 1},
                'withmpi': False,
                'environment_variables': {'VASP_STANDIN_MODEL': 'instant'},
            },
            stoichiometric_only=name == 'Fe2O3',
        )
        nodes[name] = submit(builder)
    return nodes


def calculations_of(run: WorkChainNode) -> dict[str, CalcJobNode]:
    """The calculation of each slab, by label."""
    found = {}
    for label in run.outputs.relaxed_slabs:
        relaxation = run.base.links.get_outgoing(link_label_filter=label).one().node
        found[label] = next(one for one in relaxation.called if isinstance(one, CalcJobNode))
    return found


def moments_at_heights(calculation: CalcJobNode) -> list[tuple[str, float, float]]:
    """The element, height (Å) and moment of each site, from POSCAR and INCAR as VASP gets them."""
    content = calculation.base.repository.get_object_content
    lines = content('POSCAR').splitlines()
    numbers = [int(one) for one in lines[6].split()]
    symbols = [
        symbol.rstrip('0123456789')
        for symbol, number in zip(lines[5].split(), numbers, strict=True)
        for _ in range(number)
    ]
    start = next(n for n, line in enumerate(lines) if line[:1] in 'DdCc' and n > 6) + 1
    height = float(lines[1]) * float(lines[4].split()[2])
    heights = [height * float(line.split()[2]) for line in lines[start : start + sum(numbers)]]
    tags = tags_of(calculation)
    assert tags['ISPIN'] == '2'
    return list(zip(symbols, heights, map(float, tags['MAGMOM'].split()), strict=True))


def check_order(run: WorkChainNode, size: float) -> None:
    """Check that up and down stay where they are, in VASP's files and in the relaxed slabs."""
    assert (run.exit_status, run.exit_message) == (0, None)
    results = {one.label: one for one in collect(run).slabs}
    for label, calculation in calculations_of(run).items():
        slab: StructureData = run.outputs.generated_slabs[label]
        relaxed: StructureData = run.outputs.relaxed_slabs[label]
        kinds = [site.kind_name for site in slab.sites]
        moments = moments_of(slab)
        sites = moments_at_heights(calculation)
        assert [moment for _, _, moment in sites] == [moments[kind] for kind in kinds]
        assert {moment for symbol, _, moment in sites if symbol != 'O'} == {size, -size}
        assert {moment for symbol, _, moment in sites if symbol == 'O'} == {0.0}
        assert [site.kind_name for site in relaxed.sites] == kinds
        assert moments_of(relaxed) == moments
        atoms = results[label].relaxed
        assert atoms is not None
        assert atoms.get_initial_magnetic_moments().tolist() == [moments[kind] for kind in kinds]


@pytest.mark.usefixtures('started_daemon_client')
def test_the_order_reaches_vasp_and_comes_back(
    vasp_code: InstalledCode, potential_family: str, tmp_path: Path
) -> None:
    runs = submit_all(vasp_code, potential_family, tmp_path)
    for node in runs.values():
        await_end(node, 600)
    check_order(runs['NiO'], 2.0)
    check_order(runs['Fe2O3'], 4.2)

    # The cell and the k-points are those of the order: without it the area is half of this.
    ((label, calculation),) = calculations_of(runs['NiO']).items()
    termination = runs['NiO'].outputs.terminations[label]
    assert termination['area'] == pytest.approx(4.178**2)
    kpoints = calculation.base.repository.get_object_content('KPOINTS').splitlines()
    assert kpoints[3].split() == ['4', '4', '1']

    # The iron of hematite is parallel within a double layer, and changes sign across oxygen.
    for calculation in calculations_of(runs['Fe2O3']).values():
        sites = moments_at_heights(calculation)
        iron = sorted((height, moment) for symbol, height, moment in sites if symbol == 'Fe')
        for (low, lower), (high, upper) in pairwise(iron):
            assert (lower == upper) is (high - low < 1.0)
