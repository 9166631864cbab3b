"""The options of slabs as options of commands, and their names in messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...option_checks import CELLS_OF_INDICES, GENERATORS, RECONSTRUCTIONS
from ...slab_options import OPTIONS

if TYPE_CHECKING:
    from ...surfaces import Mention, SlabGenerationError

#: What an option has another name for on the command line.
_NAMES = {
    'miller_indices': 'miller',
    'min_slab_thickness': 'thickness',
    'min_vacuum_thickness': 'vacuum',
}

#: Sizes that each protocol chooses; help must not read the file of the protocols for them.
SIZES_OF_PROTOCOLS = {
    'min_slab_thickness': 'fast 8, balanced 12, stringent 18',
    'min_vacuum_thickness': 'fast 12, balanced 15, stringent 20',
}

_TYPES: dict[str, dict[str, Any]] = {
    'float': {'type': float, 'metavar': 'Å'},
    'float | None': {'type': float, 'metavar': 'Å'},
    'int | None': {'type': int, 'metavar': 'N'},
    'int': {'type': int, 'metavar': 'N'},
    'bool': {'is_flag': True},
    'str': {'type': click.Choice(GENERATORS)},
    "Literal['given', 'conventional']": {'type': click.Choice(CELLS_OF_INDICES)},
}


class BondLengths(click.ParamType):
    """The lengths of bonds in Å: ``P-O=1.8,O-H=1.2``."""

    name = 'lengths'

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, float]:
        """Return the lengths by pair of elements."""
        if isinstance(value, dict):
            return value
        lengths = {}
        for part in str(value).split(','):
            pair, _, length = (one.strip() for one in part.partition('='))
            try:
                lengths[pair] = float(length)
            except ValueError:
                self.fail(f'PAIR=LENGTH is needed, such as P-O=1.8, got {part!r}', param, ctx)
        return lengths


#: Options whose type does not tell how they are written.
_WRITTEN: dict[str, dict[str, Any]] = {
    'keep_whole': {'metavar': 'GROUPS'},
    'bonds': {'type': BondLengths(), 'metavar': 'PAIR=Å,…'},
    'surface_cell': {'metavar': 'CELL'},
    'top': {'metavar': 'ELEMENT'},
    'max_broken_bonds': {'type': float, 'metavar': '1/Å²'},
    'reconstruct': {'type': click.Choice(RECONSTRUCTIONS)},
}

#: The options that choose among the terminations of a surface, or change them.
CHOICE = (
    'keep_whole',
    'bonds',
    'surface_cell',
    'top',
    'max_broken_bonds',
    'max_terminations',
    'reconstruct',
    'max_reconstructions',
)

_F = TypeVar('_F', bound=Callable[..., Any])


def slab_option(name: str, *, default: str | None = None) -> Callable[[_F], _F]:
    """Return an option of a command: that of :class:`~aiida_slabrelax.slab_options.SlabOptions`.

    If it is not given, its value is None, and the protocol chooses, or the default there applies.

    :param name: of the option there, and of the parameter of the command.
    :param default: the default of the command in its help, if it has another one.
    """
    if name == 'symmetrize':
        return _symmetrize
    option = OPTIONS[name]
    shown = default
    if shown is None and name in SIZES_OF_PROTOCOLS:
        shown = f'of the protocol: {SIZES_OF_PROTOCOLS[name]}'
    elif shown is None and option.default not in (None, False):
        shown = str(option.default)
    meaning = option.metadata['meaning'].replace('`', '')
    return click.option(
        _flag(name),
        name,
        default=None,
        help=meaning if shown is None else f'{meaning}  [default: {shown}]',
        **(_WRITTEN.get(name) or _TYPES[str(option.type)]),
    )


def columns_of_options() -> dict[str, str]:
    """Return the columns of tables of crystals, and the options of slabs that they mean.

    Each option has the name of the command line and that of the port.
    """
    written = {_flag(name).removeprefix('--').replace('-', '_'): name for name in OPTIONS}
    return {**written, **{name: name for name in OPTIONS}}


def read_option(name: str, value: Any) -> Any:
    """Return the value of an option that was written in a table.

    :param name: of the option of slabs.
    :param value: a text as after the option of a command, or a value of YAML, which stays as it is.
    :raises click.ClickException: if the text has another form; the port checks the value.
    """
    if not isinstance(value, str):
        return value
    if name == 'symmetrize':
        kind: Any = click.Choice(['yes', 'no', 'true', 'false', 'if_possible'], False)
    else:
        given = _WRITTEN.get(name) or _TYPES[str(OPTIONS[name].type)]
        kind = click.BOOL if given.get('is_flag') else given.get('type', click.STRING)
    try:
        found = click.types.convert_type(kind).convert(value, None, None)
    except click.BadParameter as error:
        raise click.ClickException(f'{name}: {error.message}') from error
    if name == 'symmetrize' and found != 'if_possible':
        return found in ('yes', 'true')
    return found


def choice_options(command: _F) -> _F:
    """Add the options that choose among the terminations of a surface, or change them."""
    for name in reversed(CHOICE):
        command = slab_option(name)(command)
    return command


def _symmetrize(command: _F) -> _F:
    """Add the three switches for symmetric slabs: True, False, ``'if_possible'``; else None."""
    switches = (
        ('yes', True, 'Slabs whose two faces are equivalent.  [default]'),
        ('no', False, 'Slabs of whole periods of the crystal.'),
        (
            'if_possible',
            'if_possible',
            'Symmetric slabs of a surface that has them, else whole periods.',
        ),
    )
    for word, value, meaning in reversed(switches):
        command = click.option(
            flag_of('symmetrize', value),
            'symmetrize',
            flag_value=word,
            callback=_as_choice,
            help=meaning,
        )(command)
    return command


def _as_choice(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> bool | str | None:
    return {'yes': True, 'no': False}.get(value, value) if value is not None else None


def _flag(name: str) -> str:
    return f'--{_NAMES.get(name, name).replace("_", "-")}'


def flag_of(name: str, value: object = None) -> str:
    """Return the name of an option on the command line; for symmetry it depends on the value.

    >>> flag_of('max_atoms'), flag_of('miller_indices'), flag_of('symmetrize', False)
    ('--max-atoms', '--miller', '--no-symmetrize')
    """
    if name == 'symmetrize' and value is False:
        return '--no-symmetrize'
    if name == 'symmetrize' and value == 'if_possible':
        return '--symmetrize-if-possible'
    return _flag(name)


def describe_refusal(error: SlabGenerationError) -> str:
    """Return the reason why there is no slab, on one line, with the names of options."""
    message = ' '.join(in_words_of_options(error.reason).split())
    if error.option is None or error.reason.option is not None:
        return message
    return f'{flag_of(error.option)}: {message}'


def in_words_of_options(message: str) -> str:
    """Return a message with options named as on the command line.

    :param message: a :class:`~aiida_slabrelax.surfaces.Reason`; other text stays as it is.
    """
    from ...surfaces import Reason

    return message.worded(_mention) if isinstance(message, Reason) else message


def _mention(mention: Mention) -> str:
    from ...surfaces.reasons import in_python

    flag = flag_of(mention.option, mention.value)
    parameters = click.get_current_context().command.params
    parameter = next((one for one in parameters if flag in one.opts), None)
    if parameter is None:
        return in_python(mention)
    if mention.form == 'is':
        return f'{flag} is {mention.value}'
    return (
        f'give {flag}' if getattr(parameter, 'is_flag', False) else f'give {flag} {mention.value}'
    )
