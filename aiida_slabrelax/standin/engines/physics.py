"""The tags of the INCAR that change the physics, which an engine may not be able to give."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..inputs.incar import Incar, Value
    from .choice import Engine


class Physics(NamedTuple):
    """What a tag asks for.

    :ivar meaning: the name of the physics in the field.
    :ivar asks: whether a value of the tag asks for it.
    """

    meaning: str
    asks: Callable[[Value], bool]


def _is_true(value: Value) -> bool:
    return value is True


def _is_not_zero(value: Value) -> bool:
    return value != 0


def _names_one(value: Value) -> bool:
    # In VASP `GGA = --` leaves the choice to the potentials.
    return str(value).strip().upper() not in ('', '--', 'NONE')


#: The tags by name; their values are those of VASP's manual.
PHYSICS = {
    'GGA': Physics('the functional', _names_one),
    'METAGGA': Physics('the functional', _names_one),
    'XC': Physics('the functional', _names_one),
    'LHFCALC': Physics('exact exchange', _is_true),
    'LDAU': Physics('DFT+U', _is_true),
    'IVDW': Physics('dispersion', _is_not_zero),
    'LUSE_VDW': Physics('dispersion', _is_true),
    'ISPIN': Physics('spin', lambda value: value == 2),
    'NUPDOWN': Physics('a fixed moment', lambda value: value != -1),
    'LNONCOLLINEAR': Physics('spin', _is_true),
    'LSORBIT': Physics('spin-orbit coupling', _is_true),
    'NELECT': Physics('charge', lambda value: True),
    'EFIELD': Physics('an electric field', _is_not_zero),
    'LSOL': Physics('a solvent', _is_true),
    'PSTRESS': Physics('a pressure', _is_not_zero),
}


def refuse_physics(incar: Incar, engine: str, given: Collection[str] = ()) -> None:
    """Make sure that no tag asks for physics that an engine does not give.

    :param engine: the name of the engine.
    :param given: the tags that the engine obeys.
    :raises InputError: if there are such tags; the message names all of them.
    """
    refused = [
        f'{tag} = {_written(incar.tags[tag])} ({physics.meaning})'
        for tag, physics in PHYSICS.items()
        if tag in incar.tags and tag not in given and physics.asks(incar.tags[tag])
    ]
    if refused:
        raise InputError(
            f'{engine} cannot give what these tags ask for: {", ".join(refused)}. Leave them out, '
            'or set ISPIN = 1 and GGA = -- (its own).'
        )


def refuse_tags(incar: Incar, engine: Engine) -> None:
    """Make sure that no tag asks for physics that a calculator of ASE does not give.

    :raises InputError: if there are such tags. GGA may name the functional of the training.
    """
    functional = str(incar.tags.get('GGA', '--')).strip().upper()
    is_its_own = functional == 'PE' and engine.trained_on_materials_project
    refuse_physics(incar, engine.name, ['GGA'] if is_its_own else [])


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return '.TRUE.' if value else '.FALSE.'
    return ' '.join(map(str, value)) if isinstance(value, list) else str(value).strip()
