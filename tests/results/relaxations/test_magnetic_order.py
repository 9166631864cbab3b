"""The moments that relaxed slabs end with, and what is said if their order is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiida.cmdline.utils.common import get_workchain_report
from aiida.orm import Dict, StructureData
from hypothesis import given
from hypothesis import strategies as st

from aiida_slabrelax.parsers.kinds import set_moments
from aiida_slabrelax.report import write_page
from aiida_slabrelax.results.relaxations.magnetic_order import describe_lost_order
from aiida_slabrelax.results.slabs import SlabResult, collect

KINDS = ['Ni1', 'Ni1', 'Ni2', 'Ni2', 'O']
FIRST = [2.0, 2.0, -2.0, -2.0, 0.0]


def test_an_order_that_stays_is_not_mentioned() -> None:
    assert describe_lost_order(KINDS, FIRST, [1.6, 1.7, -1.6, -1.7, 0.1]) is None


@given(
    st.lists(st.floats(0.51, 5), min_size=4, max_size=4),
    st.lists(st.floats(0.26, 3), min_size=4, max_size=4),
    st.sampled_from([1, -1]),
)
def test_neither_the_sizes_nor_the_sign_of_all_matter(
    sizes: list[float], factors: list[float], sign: int
) -> None:
    first = [size * (1, 1, -1, -1)[index] for index, size in enumerate(sizes)]
    last = [sign * one * factor for one, factor in zip(first, factors, strict=True)]
    assert describe_lost_order(KINDS[:4], first, last) is None


def test_a_moment_is_lost() -> None:
    assert describe_lost_order(KINDS, FIRST, [1.6, 0.04, -1.6, -1.7, 0.3]) == (
        '1 of 2 Ni1 began with 2 μB and ended with 0.04 μB at most'
    )


def test_all_moments_are_lost() -> None:
    assert describe_lost_order(KINDS, FIRST, [0.0] * 5) == (
        '2 of 2 Ni1 began with 2 μB and ended with 0 μB at most; '
        '2 of 2 Ni2 began with -2 μB and ended with 0 μB at most'
    )


def test_a_moment_turns_over() -> None:
    assert describe_lost_order(KINDS, FIRST, [1.6, 1.6, -1.6, 1.7, 0.0]) == (
        '1 of 2 Ni2 began with -2 μB and turned over'
    )


# --- In the results of a run ---------------------------------------------------------------------


def magnetization(moments: Sequence[float]) -> dict[str, Any]:
    sites = {str(number): {'tot': moment} for number, moment in enumerate(moments, start=1)}
    return {'sphere': {'x': {'site_moment': sites}}}


def nickel(moments: dict[str, float] | None) -> StructureData:
    """A slab of nickel, up and down by turns."""
    slab = StructureData(cell=[[2.8, 0, 0], [0, 2.8, 0], [0, 0, 20]])
    for layer in range(4):
        name = f'Ni{layer % 2 + 1}'
        slab.append_atom(
            position=(1.4 * (layer % 2),) * 2 + (1.4 * layer,), symbols='Ni', name=name
        )
    set_moments(slab, moments or {})
    return slab


def relax_nickel(
    process: Any,
    end_relaxation: Callable[..., Any],
    label: str,
    last: Sequence[float],
    kinds: dict[str, float] | None,
    **inputs: dict[str, Any],
) -> None:
    """Give a slab of nickel these moments in the end."""
    misc = {
        'total_energies': {'energy_extrapolated': -3.5},
        'site_magnetization': magnetization(last),
    }
    given = {name: Dict(content) for name, content in inputs.items()}
    end_relaxation(process, label, Dict(misc), nickel(kinds), inputs=given)


UP_AND_DOWN = {'Ni1': 2.2, 'Ni2': -2.2}
UP = {'Ni1': 2.2, 'Ni2': 2.2}
LOST = '2 of 2 Ni2 began with -2.2 μB and turned over'
TURNED = [2.3, 2.0, 2.3, 2.0]

#: The last moments, those of the crystal, and inputs, by the label of the slab.
CASES: dict[str, tuple[list[float], dict[str, float] | None, dict[str, Any]]] = {
    'kept': ([2.1, -2.0, 2.1, -2.0], UP_AND_DOWN, {}),
    'lost': (TURNED, UP_AND_DOWN, {}),
    'by_kind': (TURNED, None, {'magmom_mapping': UP_AND_DOWN}),
    'by_site': (TURNED, None, {'parameters': {'incar': {'MAGMOM': [2.2, -2.2, 2.2, -2.2]}}}),
    'of_both': (TURNED, UP_AND_DOWN, {'parameters': {'incar': {'magmom': [2.2] * 4}}}),
    'all_up': ([0.0] * 4, None, {'magmom_mapping': UP}),
    'two_sites': ([2.3, 2.0], UP_AND_DOWN, {}),
}


@pytest.fixture(scope='module')
def relaxed(
    instantiate_for_all: Callable[..., Any], end_relaxation: Callable[..., Any]
) -> dict[str, SlabResult]:
    """The slabs of a run that has relaxed all cases."""
    slabs = {label: nickel(kinds) for label, (_, kinds, _) in CASES.items()}
    process = instantiate_for_all(slabs=slabs)
    for label, (last, kinds, inputs) in CASES.items():
        relax_nickel(process, end_relaxation, label, last, kinds, **inputs)
    return {slab.label: slab for slab in collect(process.node).slabs}


def test_final_moments_are_data(relaxed: dict[str, SlabResult]) -> None:
    assert relaxed['kept'].moments == (2.1, -2.0, 2.1, -2.0)
    assert relaxed['kept'].lost_order is None


def test_the_order_of_the_crystal_is_lost(relaxed: dict[str, SlabResult]) -> None:
    assert relaxed['lost'].lost_order == LOST


@pytest.mark.parametrize('label', ['by_kind', 'by_site'])
def test_an_order_that_was_given_for_kinds_or_sites_counts_too(
    relaxed: dict[str, SlabResult], label: str
) -> None:
    assert relaxed[label].lost_order == LOST


def test_moments_of_the_incar_go_before_those_of_the_crystal(
    relaxed: dict[str, SlabResult],
) -> None:
    assert relaxed['of_both'].lost_order is None


def test_moments_to_begin_with_are_no_order(relaxed: dict[str, SlabResult]) -> None:
    assert (relaxed['all_up'].moments, relaxed['all_up'].lost_order) == ((0.0,) * 4, None)


def test_moments_of_another_number_of_sites_are_none(relaxed: dict[str, SlabResult]) -> None:
    assert relaxed['two_sites'].lost_order is None


def test_the_run_and_the_page_say_so(
    instantiate: Callable[..., Any], end_relaxation: Callable[..., Any]
) -> None:
    process = instantiate(slabs={'ni': nickel(UP_AND_DOWN)})
    relax_nickel(process, end_relaxation, 'ni', TURNED, UP_AND_DOWN)
    process.ctx.slabs = dict(process.inputs.slabs)
    process.gather_relaxations()
    assert f'ni: has lost its magnetic order: {LOST}' in get_workchain_report(
        process.node, 'REPORT'
    )
    assert f'ni has lost its magnetic order: {LOST}.' in write_page(process.node)
