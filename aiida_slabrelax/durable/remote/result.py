"""Results from other computers, written and read as data.

Whoever controls the other computer controls its files. The result is JSON and an array of numbers;
the pickle that aiida-pythonjob writes beside them is not opened.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from aiida import orm
from aiida.engine import ExitCode
from aiida.parsers import Parser

from ..results import read_outputs
from ..values.plain import to_node, to_plain

if TYPE_CHECKING:
    from ase import Atoms

#: The entry point of the parser.
PARSER = 'slabrelax.function_result'

#: The file with the result, and that with its numbers where it is an array.
RESULT, ARRAY = 'durable_result.json', 'durable_result.npy'

#: The largest number of bytes of JSON that is read; arrays have no limit.
MOST_BYTES = 64 * 1024**2

#: The parts of Atoms that come back. The node of aiida-pythonjob has no constraints and moments.
_ATOMS = ('numbers', 'positions', 'cell', 'pbc', 'tags', 'masses', 'momenta')

#: Follows the call of the function, whose result is in ``result``.
WRITE_RESULT = f"""\
    import json
    kind, value, module = 'value', result, type(result).__module__
    if module.partition('.')[0] == 'ase' and hasattr(result, 'positions'):
        if result.constraints or any(name.startswith('initial') for name in result.arrays):
            raise TypeError('Atoms come back without constraints, moments and charges only')
        kind, value = 'atoms', {{{{'cell': result.cell.tolist(), 'pbc': result.pbc.tolist()}}}}
        for key in ('numbers', 'positions', 'tags', 'masses', 'momenta'):
            if result.has(key):
                value[key] = result.arrays[key].tolist()
    elif module == 'numpy' and getattr(result, 'ndim', 0) > 0:
        import numpy
        numpy.save('{ARRAY}', result, allow_pickle=False)
        kind, value = 'array', None
    def simplify(value):
        if getattr(value, 'ndim', None) == 0:
            return value.item()
        raise TypeError('a function on another computer returns None, booleans, numbers, strings, '
                        'lists, dictionaries, an array or Atoms of ase, not '
                        + type(value).__name__)
    with open('{RESULT}', 'w') as handle:
        json.dump({{{{kind: value}}}}, handle, default=simplify)
"""


class RemoteResultParser(Parser):
    """Reads the result of a plain function on another computer."""

    def parse(self, **_: Any) -> ExitCode | None:
        """Read the files of the job."""
        from aiida_pythonjob.parsers.pythonjob import ERROR_TYPE_TO_EXIT_CODE

        try:
            failure = self._load('_error.json') if self._has('_error.json') else {}
            if failure:
                name = ERROR_TYPE_TO_EXIT_CODE.get(
                    str(failure['error_type']), 'ERROR_SCRIPT_FAILED'
                )
                code: ExitCode = self.exit_codes[name]
                return code.format(
                    exception=str(failure['exception_message']), traceback=str(failure['traceback'])
                )
            if not self._has(RESULT):
                return self._refuse('ERROR_READING_OUTPUT_FILE', f'there is no {RESULT}')
            ((kind, value),) = self._load(RESULT).items()
            node = self._make_node(str(kind), value)
        except Exception as error:  # a damaged or forged file can lead to anything
            return self._refuse('ERROR_INVALID_OUTPUT', str(error) or type(error).__name__)
        if node is not None:
            self.out('result', node)
        return None

    def _make_node(self, kind: str, value: Any) -> orm.Data | None:
        if kind == 'array':
            with self.retrieved.base.repository.open(ARRAY, 'rb') as handle:
                return orm.ArrayData(np.load(handle, allow_pickle=False))
        if kind == 'atoms':
            from aiida_pythonjob.data.atoms import AtomsData

            return AtomsData(_make_atoms(value))  # type: ignore[no-any-return] # it has no types
        if kind != 'value':
            raise ValueError(f'{RESULT} contains a {kind}')
        return None if value is None else to_node(value)

    def _has(self, name: str) -> bool:
        return name in self.retrieved.base.repository.list_object_names()

    def _load(self, name: str) -> dict[str, Any]:
        with self.retrieved.base.repository.open(name, 'rb') as handle:
            content = handle.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValueError(
                f'{name} is larger than {MOST_BYTES // 1024**2} MB: return an array, or files'
            )
        loaded = json.loads(content)
        if not isinstance(loaded, dict):
            raise ValueError(f'{name} holds no mapping')
        return loaded

    def _refuse(self, name: str, reason: str) -> ExitCode:
        self.logger.error(reason)
        code: ExitCode = self.exit_codes[name]
        return code


def read_result(node: orm.ProcessNode) -> Any:
    """Return the result of the function of a job."""
    result = read_outputs(node).get('result')
    if isinstance(result, orm.Data) and result.node_type.startswith('data.pythonjob.ase.'):
        return _make_atoms(result.base.attributes.all)
    return to_plain(result)


def _make_atoms(content: dict[str, Any]) -> Atoms:
    from ase import Atoms

    return Atoms(**{name: content[name] for name in _ATOMS if name in content})
