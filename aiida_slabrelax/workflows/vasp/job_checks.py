"""Checks of the options and settings of the calculations.

Schedulers and shells read a script line by line, so a value must not become another line. Texts
that are parts of the script (``prepend_text``, ``append_text``, ``custom_scheduler_commands``) may
hold anything; :mod:`aiida_slabrelax.workflows.slab_relax.executed` shows them if they come from
someone else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

#: Options that end up on one line of the script.
_ON_A_LINE = ('account', 'parser_name', 'priority', 'qos', 'queue_name')
#: Options that name a file in the folder of the calculation.
_FILES = (
    'input_filename',
    'output_filename',
    'scheduler_stderr',
    'scheduler_stdout',
    'submit_script_filename',
)
#: Settings of aiida-vasp that list files in the folder of the calculation.
_FILE_LISTS = (
    'ADDITIONAL_REMOTE_COPY_LIST',
    'ADDITIONAL_RETRIEVE_LIST',
    'ADDITIONAL_RETRIEVE_TEMPORARY_LIST',
    'PROVENANCE_EXCLUDE_LIST',
)
_VARIABLE = re.compile(r'[A-Za-z_][A-Za-z0-9_]*')


def check_job(inputs: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the options or the settings of the calculations, or ``None``.

    :param inputs: the inputs of VaspWorkChain.
    """
    options = inputs.get('calc', {}).get('metadata', {}).get('options', {})
    deprecated = inputs['options'].get_dict() if inputs.get('options') else {}
    settings = inputs['settings'].get_dict() if inputs.get('settings') else {}
    problems = (
        *_check_options(options, 'calc.metadata.options'),
        *_check_options(deprecated, 'options'),
        *_check_settings(settings),
    )
    return next(iter(problems), None)


def _check_options(options: Mapping[str, Any], place: str) -> Iterator[str]:
    resources = options.get('resources')
    lines = {name: options.get(name) for name in _ON_A_LINE}
    if isinstance(resources, Mapping):
        lines['resources.parallel_env'] = resources.get('parallel_env')
    for name, value in lines.items():
        if isinstance(value, str) and (
            not value.isprintable() or value.split() not in ([], [value])
        ):
            yield f'`{place}.{name}` must not have blanks or line breaks, got {value!r}'
    for name in _FILES:
        value = options.get(name)
        if value is not None and not _is_file(value):
            yield f'`{place}.{name}` must be the name of a file, got {value!r}'
    variables = options.get('environment_variables')
    for name in variables if isinstance(variables, Mapping) else ():
        if not _VARIABLE.fullmatch(str(name)):
            yield f'`{place}.environment_variables`: {name!r} is not the name of a variable'
    yield from _check_paths(
        options.get('additional_retrieve_list'), place, 'additional_retrieve_list'
    )
    stash = options.get('stash')
    if isinstance(stash, Mapping):
        yield from _check_paths(stash.get('source_list'), place, 'stash.source_list')
        target = stash.get('target_base')
        if isinstance(target, str) and not target.isprintable():
            yield f'`{place}.stash.target_base` must be a single line, got {target!r}'


def _check_settings(settings: Mapping[str, Any]) -> Iterator[str]:
    for name in _FILE_LISTS:
        yield from _check_paths(settings.get(name), 'settings', name)


def _check_paths(paths: Any, place: str, name: str) -> Iterator[str]:
    """Yield a message for each path that leads out of the folder of a calculation."""
    for entry in paths if isinstance(paths, list | tuple) else ():
        # An entry with depth is [from, to, depth].
        for path in entry[:2] if isinstance(entry, list | tuple) else (entry,):
            plain = PurePosixPath(str(path))
            if plain.is_absolute() or '..' in plain.parts or not str(path).isprintable():
                yield f'`{place}`: {name} has {path!r}, which is not in the folder of a calculation'


def _is_file(value: Any) -> bool:
    return (
        isinstance(value, str)
        and value.isprintable()
        and bool(value.strip())
        and PurePosixPath(value).name == value
        and not value.startswith(('-', '..'))
    )
