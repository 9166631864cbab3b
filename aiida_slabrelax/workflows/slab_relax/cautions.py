"""Settings that VASP accepts and that are often not meant; nothing is changed because of them.

The sources are the pages of VASP's manual (https://vasp.at/wiki) on the tags that are named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import TypeAlias

from .dry_run import PlannedCalculation

#: The elements whose atoms have moments in most of their compounds.
MAGNETIC = frozenset(
    [
        'V',
        'Cr',
        'Mn',
        'Fe',
        'Co',
        'Ni',
        'Ce',
        'Pr',
        'Nd',
        'Pm',
        'Sm',
        'Eu',
        'Gd',
        'Tb',
        'Dy',
        'Ho',
        'Er',
        'Tm',
        'Yb',
        'U',
        'Np',
        'Pu',
        'Am',
        'Cm',
    ]
)
#: The algorithms that the manual recommends for hybrids, and for meta-GGAs, by their first letter.
FOR_HYBRIDS, FOR_META = ('D', 'A'), ('A',)
#: The functionals that hybrids are made of: B3LYP and HSE06 or PBE0.
OF_HYBRIDS = ('PE', 'B3', 'B5')

_EXECUTABLE = re.compile(r'vasp_(std|gam|ncl)\b')

Tags: TypeAlias = dict[str, str]


def cautions(planned: Iterable[PlannedCalculation]) -> list[str]:
    """Return one line on each doubtful setting, with the calculations that have it.

    :param planned: the first calculation of each slab.
    """
    found: dict[str, list[str]] = {}
    count = 0
    for calculation in planned:
        count += 1
        for check in CHECKS:
            for text in check(calculation, calculation.incar):
                found.setdefault(text, []).append(calculation.label)
    return [text if len(at) == count else f'{", ".join(at)}: {text}' for text, at in found.items()]


def magnetic_moments(planned: PlannedCalculation, tags: Tags) -> Iterator[str]:
    """Yield a magnetic element without spin, or without initial moments."""
    symbols = sorted({kind.symbol for kind in planned.structure.kinds} & MAGNETIC)
    if not symbols or _is_noncollinear(tags):
        return
    if tags.get('ISPIN', '1') != '2':
        yield f'{", ".join(symbols)} may be magnetic, and ISPIN is not 2'
    elif 'MAGMOM' not in tags:
        yield f'{", ".join(symbols)} may be magnetic: without MAGMOM all atoms begin with 1 μB'


def plus_u(_: PlannedCalculation, tags: Tags) -> Iterator[str]:
    """Yield DFT+U whose charge density is not mixed up to the l of its orbitals."""
    if not _is_true(tags, 'LDAU'):
        return
    orbital = max((int(word) for word in tags.get('LDAUL', '').split() if _is_int(word)), default=2)
    needed = {2: 4, 3: 6}.get(orbital, 2)
    if int(tags.get('LMAXMIX', '2')) < needed:
        yield f'LDAU without LMAXMIX = {needed}: restarts and the convergence of +U need it'


def hybrid(planned: PlannedCalculation, tags: Tags) -> Iterator[str]:
    """Yield a hybrid with an algorithm, a functional or a mesh that are not made for it."""
    if not _is_true(tags, 'LHFCALC'):
        return
    algo = tags.get('ALGO', 'Normal')
    if algo[:1].upper() not in FOR_HYBRIDS:
        yield f'LHFCALC with ALGO = {algo}: Damped (with TIME) or All converges'
    gga = tags.get('GGA', 'PE').upper()
    if gga not in OF_HYBRIDS:
        yield f'LHFCALC with GGA = {gga}: HSE06 and PBE0 need PE, which no other functional is'
    reduced = [int(tags.get(f'NKRED{axis}', tags.get('NKRED', '1'))) for axis in 'XYZ']
    mesh = planned.mesh or [1, 1, 1]
    if prod(reduced) == 1 and prod(mesh) > 1:
        yield 'LHFCALC without NKRED: the exchange of the whole mesh costs most of the time'
    if any(points % number for points, number in zip(mesh, reduced, strict=True)):
        shown = '×'.join(map(str, mesh))
        yield f'NKRED {reduced} does not divide the mesh {shown}: VASP refuses or is wrong'


def meta_gga(_: PlannedCalculation, tags: Tags) -> Iterator[str]:
    """Yield a meta-GGA without what its manual asks for."""
    if 'METAGGA' not in tags:
        return
    if not _is_true(tags, 'LASPH'):
        yield 'METAGGA without LASPH'
    if tags.get('ALGO', 'normal')[:1].upper() not in FOR_META:
        yield f'METAGGA with ALGO = {tags.get("ALGO", "Normal")}: All converges'


def van_der_waals(_: PlannedCalculation, tags: Tags) -> Iterator[str]:
    """Yield a van der Waals functional with the exchange of another one."""
    gga = tags.get('GGA', 'PE').upper()
    if _is_true(tags, 'LUSE_VDW') and gga in ('PE', 'PS', 'CA'):
        yield f'LUSE_VDW with GGA = {gga}: a vdW-DF has an exchange of its own (MK, BO, OR, ML)'
    if _is_true(tags, 'LUSE_VDW') and 'IVDW' in tags:
        yield 'LUSE_VDW and IVDW: dispersion counts twice'


def parallel(planned: PlannedCalculation, tags: Tags) -> Iterator[str]:
    """Yield KPAR or NCORE that the number of MPI processes or of k-points does not allow."""
    kpar, ncore = int(tags.get('KPAR', '1')), int(tags.get('NCORE', '1'))
    if planned.mesh and kpar > prod(planned.mesh):
        yield f'KPAR = {kpar} is more than the {prod(planned.mesh)} k-points'
    resources = planned.options.get('resources') or {}
    processes = resources.get('tot_num_mpiprocs') or (
        (resources.get('num_machines') or 0) * (resources.get('num_mpiprocs_per_machine') or 0)
    )
    if processes and processes % kpar:
        yield f'KPAR = {kpar} does not divide the {processes} MPI processes'
    elif processes and (processes // kpar) % ncore:
        yield f'NCORE = {ncore} does not divide the {processes // kpar} MPI processes of a k-point'
    if 'NPAR' in tags and 'NCORE' in tags:
        yield 'NPAR and NCORE: NCORE is not used'


def executable(planned: PlannedCalculation, tags: Tags) -> Iterator[str]:
    """Yield a build of VASP that does not fit the k-points or the spin."""
    found = _EXECUTABLE.search(planned.script)
    build = found[1] if found else None
    if build == 'gam' and planned.mesh and prod(planned.mesh) > 1:
        yield f'vasp_gam with the mesh {"×".join(map(str, planned.mesh))}: it knows Γ only'
    if build in ('std', 'gam') and _is_noncollinear(tags):
        yield f'vasp_{build} with LNONCOLLINEAR or LSORBIT: they need vasp_ncl'
    if build == 'ncl' and not _is_noncollinear(tags):
        yield 'vasp_ncl without LNONCOLLINEAR or LSORBIT: vasp_std is faster'


CHECKS: tuple[Callable[[PlannedCalculation, Tags], Iterator[str]], ...] = (
    magnetic_moments,
    plus_u,
    hybrid,
    meta_gga,
    van_der_waals,
    parallel,
    executable,
)


def _is_true(tags: Tags, name: str) -> bool:
    return tags.get(name, '').strip('.').upper().startswith('T')


def _is_noncollinear(tags: Tags) -> bool:
    return _is_true(tags, 'LNONCOLLINEAR') or _is_true(tags, 'LSORBIT')


def _is_int(word: str) -> bool:
    return word.lstrip('-').isdecimal()
