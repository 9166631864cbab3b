"""Relaxed is what VASP says, or what forces and energies say; nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiida_slabrelax.parsers.convergence import Verdict, judge, largest_free_force
from aiida_slabrelax.parsers.reading import Reading
from aiida_slabrelax.parsers.steps import Geometry

CELL = np.diag([4.0, 4.0, 20.0])
FORCES = np.array([[0.0, 0.0, 1.2], [0.01, 0.0, 0.0], [0.0, 0.02, 0.0]])
TAGS = {'NSW': 30, 'IBRION': 2, 'NELM': 40, 'EDIFFG': -0.05, 'ISIF': 2}
FIRST_FIXED = [[False] * 3, [True] * 3, [True] * 3]


def reading(**values: Any) -> Reading:
    """Return a reading of five ionic steps with a large force on the first site."""
    energy = values.pop('energy', -10.0)
    known = {
        'energies': {'energy_free': energy, 'energy_extrapolated': energy},
        'previous_energy': -9.999,
        'forces': FORCES,
        'geometry': Geometry(CELL, np.zeros((3, 3))),
        'complete': 5,
        'electronic_steps': (10, 8, 8, 8, 8),
        'tags': TAGS,
        'finished': True,
    }
    return Reading(**{**known, **values})


def verdict(freedom: Any = None, tags: dict[str, Any] | None = None, **values: Any) -> Verdict:
    return judge(reading(tags={**TAGS, **(tags or {})}, **values), {}, freedom)


def test_vasp_says_so() -> None:
    found = verdict(accuracy_reached=True)
    assert (found.electronic, found.ionic) == (True, True)
    assert found.reason == 'VASP: reached required accuracy'
    assert found.largest_force == pytest.approx(1.2)


def test_a_normal_end_with_fewer_steps_than_nsw_is_no_evidence() -> None:
    found = verdict()
    assert found.ionic is False
    assert found.reason == (
        'the largest force on a free atom is 1.2000 eV/Å, EDIFFG = -0.05 eV/Å, '
        'after 5 of at most 30 ionic steps (NSW)'
    )


@pytest.mark.parametrize(('ediffg', 'ionic'), [(-0.05, True), (-0.02, True), (-0.019, False)])
def test_forces_on_free_atoms(ediffg: float, ionic: bool) -> None:
    found = verdict(FIRST_FIXED, {'EDIFFG': ediffg})
    assert found.ionic is ionic
    assert found.largest_force == pytest.approx(0.02)


def test_forces_when_nsw_is_reached() -> None:
    assert verdict(FIRST_FIXED, {'NSW': 5}).ionic is True


@pytest.mark.parametrize(
    ('energy', 'ionic'), [(-9.9995, True), (-10.0, True), (-10.001, False), (-9.9975, False)]
)
def test_change_of_energy(energy: float, ionic: bool) -> None:
    found = verdict(None, {'EDIFFG': 1.0001e-3}, energy=energy)
    assert found.ionic is ionic
    assert found.energy_change == pytest.approx(energy + 9.999)


def test_one_energy_is_no_change() -> None:
    found = verdict(None, {'EDIFFG': 1e-3}, previous_energy=None)
    assert found.ionic is False
    assert found.reason.startswith('no two energies to compare with EDIFFG = 0.001 eV')


@pytest.mark.parametrize('tag', ['LSTOP', 'LABORT'])
def test_never_after_stopcar(tag: str) -> None:
    found = verdict(FIRST_FIXED, accuracy_reached=True, stopped=tag)
    assert found.ionic is False
    assert found.reason == f'stopped by STOPCAR ({tag} = .TRUE.)'
    assert found.electronic is (tag == 'LSTOP')


def test_ediffg_0_is_never_met() -> None:
    assert verdict(FIRST_FIXED, {'EDIFFG': 0.0}).ionic is False


def test_ediffg_that_nothing_tells_is_vasps_default() -> None:
    tags = {name: value for name, value in TAGS.items() if name != 'EDIFFG'}
    found = judge(reading(tags={**tags, 'EDIFF': 1e-3}), {}, None)
    assert found.ionic is True
    assert 'EDIFFG = 0.01 eV' in found.reason


def test_the_input_tells_ediffg_better_than_the_one_digit_of_outcar() -> None:
    tags = {name: value for name, value in TAGS.items() if name != 'EDIFFG'}
    rounded = reading(tags=tags, rounded_tags={'EDIFFG': -0.02})
    assert judge(rounded, {}, FIRST_FIXED).ionic is True
    assert judge(rounded, {'EDIFFG': -0.015}, FIRST_FIXED).ionic is False


def test_forces_do_not_tell_whether_a_cell_has_relaxed() -> None:
    found = verdict(FIRST_FIXED, {'ISIF': 3})
    assert found.ionic is False
    assert found.reason.startswith('VASP has not said that it reached the required accuracy')


@pytest.mark.parametrize(
    ('values', 'reason'),
    [
        ({'complete': 0}, 'no ionic step is complete'),
        ({'energies': {}}, 'the last ionic step has no energy'),
        (
            {'electronic_steps': (10, 8, 8, 8, 40)},
            'the last ionic step took all 40 electronic steps (NELM)',
        ),
    ],
)
def test_electrons_that_have_not_converged(values: dict[str, Any], reason: str) -> None:
    found = verdict(FIRST_FIXED, accuracy_reached=True, **values)
    assert (found.electronic, found.ionic, found.reason) == (False, False, reason)


def test_an_electronic_step_that_was_cut_off_is_not_the_last() -> None:
    assert verdict(FIRST_FIXED, electronic_steps=(10, 8, 8, 8, 8, 40)).electronic


@pytest.mark.parametrize(
    'tags', [{'NSW': 0}, {'NSW': -1}, {'IBRION': -1}, {'IBRION': 0}, {'IBRION': 6}]
)
def test_without_relaxation_there_is_nothing_to_converge(tags: dict[str, int]) -> None:
    found = verdict(None, tags, accuracy_reached=True)
    assert (found.electronic, found.ionic, found.reason) == (True, None, 'no relaxation')


def test_nothing_is_known_of_forces_that_cannot_be_read() -> None:
    found = verdict(FIRST_FIXED, forces=None)
    assert (found.ionic, found.largest_force) == (False, None)
    assert 'largest_force' not in found.describe()


@pytest.mark.parametrize(
    ('flags', 'force'),
    [
        ([True, True, True], 1.3),
        ([True, False, False], 0.3),
        ([True, True, False], 0.5),
        ([False, False, True], 1.2),
        ([False, False, False], None),
    ],
)
def test_of_an_atom_that_may_move_along_some_vectors_only_their_force_counts(
    flags: list[bool], force: float | None
) -> None:
    found = largest_free_force(np.array([[0.3, 0.4, 1.2]]), [flags], CELL)
    assert found == (None if force is None else pytest.approx(force))


def test_a_force_in_an_oblique_plane() -> None:
    cell = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
    found = largest_free_force(np.array([[1.0, 0.0, 0.0]]), [[True, False, False]], cell)
    assert found == pytest.approx(np.sqrt(0.5))
