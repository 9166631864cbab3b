import itertools

import numpy as np
import pytest

from aiida_slabrelax.energetics import (
    NotComparableError,
    Phase,
    formation_energy,
    stability_region,
)
from compounds import BINARY, QUATERNARY, TERNARY

ZERO = {element: Phase({element: 1}, 0.0) for element in ('Ti', 'O')}
TIO2 = Phase({'Ti': 1, 'O': 2}, -9.0)


def test_a_binary_has_an_interval():
    region = stability_region(TIO2, ZERO)
    assert region.elements == ('O',)
    assert region.eliminated == 'Ti'
    assert region.formation_energy_ev == -9.0
    assert region.interval('O') == pytest.approx((-4.5, 0.0))
    assert region.interval('Ti') == pytest.approx((-9.0, 0.0))
    assert region.bounded_by == ['Ti', 'O']


def test_another_phase_takes_its_part_of_the_interval():
    # Ti2O3 of -14 eV: 2Δμ(Ti) + 3Δμ(O) ≤ -14 with Δμ(Ti) = -9 - 2Δμ(O) gives Δμ(O) ≥ -4.
    region = stability_region(TIO2, ZERO, {'Ti2O3': Phase({'Ti': 2, 'O': 3}, -14.0)})
    assert region.interval('O') == pytest.approx((-4.0, 0.0))
    assert region.bounded_by == ['O', 'Ti2O3']
    assert region.contains({'O': -3.9})
    assert not region.contains({'O': -4.1})
    assert not region.contains({'O': 0.1})


def test_a_phase_that_never_forms_bounds_nothing():
    region = stability_region(TIO2, ZERO, {'TiO': Phase({'Ti': 1, 'O': 1}, -1.0)})
    assert region.interval('O') == pytest.approx((-4.5, 0.0))
    assert 'TiO' not in region.bounded_by


def test_the_eliminated_element_changes_no_interval():
    competing = {'Ti2O3': Phase({'Ti': 2, 'O': 3}, -14.0)}
    for eliminated, element in itertools.product(('Ti', 'O'), repeat=2):
        expected = {'O': (-4.0, 0.0), 'Ti': (-9.0, -1.0)}[element]
        region = stability_region(TIO2, ZERO, competing, eliminated)
        assert region.interval(element) == pytest.approx(expected)


def test_a_ternary_has_a_polygon():
    bulk, references = TERNARY.bulk, TERNARY.references
    heat = formation_energy(bulk, references)
    region = stability_region(bulk, references)
    assert region.elements == ('P', 'O')
    corners = {tuple(np.round(corner, 6)) for corner in region.vertices_ev}
    assert corners == {(0, 0), (round(heat, 6), 0), (0, round(heat / 4, 6))}
    # Every corner lies on the plane of equilibrium.
    for corner in region.vertices_ev:
        full = region.complete(dict(zip(region.elements, corner, strict=True)))
        assert 3 * full['Ag'] + full['P'] + 4 * full['O'] == pytest.approx(heat)


def test_the_corners_of_a_polygon_come_in_order():
    oxide = Phase({'P': 4, 'O': 10}, -21.3 - 49.3 - 25.0)
    region = stability_region(TERNARY.bulk, TERNARY.references, {'P2O5': oxide})
    assert 'P2O5' in region.bounded_by
    edges = np.roll(region.vertices_ev, -1, axis=0) - region.vertices_ev
    turns = np.cross(
        np.column_stack([edges, np.zeros(len(edges))]),
        np.column_stack([np.roll(edges, -1, axis=0), np.zeros(len(edges))]),
    )[:, 2]
    assert (turns > 0).all()


def test_a_quaternary_has_a_polytope_with_the_points_of_its_half_spaces():
    competing = {
        'Li3PO4': Phase({'Li': 3, 'P': 1, 'O': 4}, 3 * -1.9 - 5.325 - 4 * 4.93 - 6.0),
        'FeO': Phase({'Fe': 1, 'O': 1}, -8.25 - 4.93 - 1.2),
    }
    region = stability_region(QUATERNARY.bulk, QUATERNARY.references, competing)
    assert region.elements == ('Fe', 'P', 'O')
    assert set(region.bounded_by) >= {'Li3PO4', 'FeO'}
    heats = {
        name: formation_energy(phase, QUATERNARY.references) for name, phase in competing.items()
    }
    for values in itertools.product(np.linspace(-4, 0, 9), repeat=3):
        full = region.complete(dict(zip(region.elements, values, strict=True)))
        stable = all(value <= 1e-9 for value in full.values()) and all(
            sum(count * full[element] for element, count in phase.formula_unit.items())
            <= heats[name] + 1e-9
            for name, phase in competing.items()
        )
        assert region.contains(full) is stable
    middle = dict(zip(region.elements, region.vertices_ev.mean(axis=0), strict=True))
    assert region.contains(middle)


def test_a_crystal_that_would_fall_apart_is_stable_nowhere():
    with pytest.raises(NotComparableError, match='Ti1O2 is stable nowhere'):
        stability_region(Phase({'Ti': 1, 'O': 2}, 0.5), ZERO)
    with pytest.raises(NotComparableError, match='Ti1O2 is stable nowhere'):
        stability_region(TIO2, ZERO, {'TiO': Phase({'Ti': 1, 'O': 1}, -9.0)})


def test_a_lower_phase_of_the_same_composition_forms_instead():
    with pytest.raises(NotComparableError, match=r'rutile has the same composition and is 0\.5000'):
        stability_region(TIO2, ZERO, {'rutile': Phase({'Ti': 2, 'O': 4}, -19.0)})
    region = stability_region(TIO2, ZERO, {'brookite': Phase({'Ti': 2, 'O': 4}, -17.9)})
    assert region.interval('O') == pytest.approx((-4.5, 0.0))


def test_bad_input_is_refused():
    with pytest.raises(
        NotComparableError, match='TiN, Ti1N1, has N, which the bulk Ti1O2 does not have'
    ):
        stability_region(TIO2, ZERO, {'TiN': Phase({'Ti': 1, 'N': 1}, -3.0)})
    with pytest.raises(NotComparableError, match='no reference of O; given: Ti'):
        stability_region(TIO2, {'Ti': ZERO['Ti']})
    with pytest.raises(NotComparableError, match='reference of Ti is Ti1O2'):
        stability_region(TIO2, {**ZERO, 'Ti': TIO2})
    with pytest.raises(NotComparableError, match='is the element Cu'):
        stability_region(Phase({'Cu': 4}, -14.0), {'Cu': Phase({'Cu': 1}, -3.5)})
    with pytest.raises(NotComparableError, match='N cannot be eliminated'):
        stability_region(TIO2, ZERO, eliminated='N')
    region = stability_region(TIO2, ZERO)
    with pytest.raises(NotComparableError, match='has no N'):
        region.interval('N')
    with pytest.raises(NotComparableError, match='Δμ of O is missing'):
        region.complete({})


def test_as_plain_data_every_number_has_its_unit():
    described = stability_region(BINARY.bulk, BINARY.references).describe()
    assert described['formation_energy'].keys() == {'eV per formula unit'}
    assert described['intervals']['O'].keys() == {'eV'}
    assert described['vertices'].keys() == {'eV'}
