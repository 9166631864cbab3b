"""Private attributes of other packages: which ones are used, where, and whether they still exist.

Whoever raises the version of aiida-core, plumpy or aiida-vasp sees here what has gone.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import aiida_slabrelax

PACKAGE = Path(aiida_slabrelax.__file__).parent

#: The private attributes that are used, by the class that has them.
USED = {
    'aiida.manage.manager:Manager': {'_runner'},
    'aiida.engine.processes.builder:ProcessBuilder': {'_inputs'},
    'aiida.engine.processes.functions:FunctionProcess': {'_func', '_setup_db_record'},
    'aiida.engine.processes.process:Process': {
        '_build_process_label',
        '_enable_persistence',
        '_flat_inputs',
        '_node_class',
        '_save_checkpoint',
        '_setup_db_record',
        '_state',
    },
    'aiida.engine.processes.workchains.workchain:WorkChain': {
        '_action_awaitables',
        '_awaitables',
        '_do_step',
        '_on_awaitable_finished',
        '_update_process_status',
    },
    'aiida_vasp.parsers.vasp:VaspParser': {
        '_check_vasp_errors',
        '_compose_arrays',
        '_compose_dos',
        '_compose_misc',
        '_compose_structure',
        '_get_quantities_to_parse',
        '_init_user_settings',
    },
    'aiida_vasp.protocols:ProtocolMixin': {
        '_load_protocol_file',
        '_protocol_tag',
    },
    'plumpy.processes:Process': {'_closed', '_future', '_pre_paused_status'},
}

#: The folders in which private attributes of a package may be used.
PLACES = {
    'aiida': {'durable/engine', 'engine', 'engine/ports'},
    'plumpy': {'durable/engine', 'engine'},
    'aiida_vasp': {'parsers', 'workflows/slab_relax'},
}

#: Attributes that are public in spite of their underscore: they leave room for fields and ports.
PUBLIC = {'_replace', '_update'}

PRIVATE = re.compile(r'_(?!_)\w+')
SELVES = ('self', 'cls', 'super()')


@cache
def modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob('*.py'))}


@cache
def own_names() -> frozenset[str]:
    """Return the private names that the package itself defines."""
    names: set[str] = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                # What is set on another object may be an attribute of its class.
                if ast.unparse(node.value) in SELVES:
                    names.add(node.attr)
    return frozenset(names)


def foreign_bases(path: Path, name: str) -> list[type]:
    """Return the classes of other packages from which a class of a module inherits."""
    dotted = '.'.join(path.relative_to(PACKAGE.parent).with_suffix('').parts)
    found = getattr(importlib.import_module(dotted.removesuffix('.__init__')), name, None)
    bases = inspect.getmro(found) if isinstance(found, type) else ()
    return [base for base in bases if base.__module__.partition('.')[0] in PLACES]


def attributes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the private attributes that some code reads or sets, each with the text before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and PRIVATE.fullmatch(node.attr):
            yield ast.unparse(node.value), node.attr


def members(tree: ast.ClassDef) -> set[str]:
    """Return the private names that a class defines, and those of its instances that it uses."""
    names = {name for before, name in attributes(tree) if before in SELVES}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        names.update(target.id for target in targets if isinstance(target, ast.Name))
    return {name for name in names if PRIVATE.fullmatch(name)}


def names_class(class_: type, name: str) -> bool:
    """Return whether a class has an attribute, or sets one of its instances."""
    return name in vars(class_) or bool(re.search(rf'\bself\.{name}\b', source_of(class_)))


@cache
def source_of(class_: type) -> str:
    return inspect.getsource(class_)


def uses(path: Path, tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the private names of others that a module uses, with the class or the text before."""
    classes: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and (bases := foreign_bases(path, node.name)):
            classes.update(ast.walk(node))
            for name in members(node):
                for base in bases:
                    if names_class(base, name):
                        yield name, f'{base.__module__}:{base.__qualname__}'
                        break
        if isinstance(node, ast.ImportFrom) and (node.module or '').partition('.')[0] in PLACES:
            parts = [*(node.module or '').split('.'), *(alias.name for alias in node.names)]
            for part in filter(PRIVATE.fullmatch, parts):
                yield part, str(node.module)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and PRIVATE.fullmatch(node.attr):
            before = ast.unparse(node.value)
            is_foreign = node.attr not in own_names() and node.attr not in PUBLIC
            if is_foreign and not (node in classes and before in SELVES):
                yield node.attr, before


@cache
def all_uses() -> set[tuple[str, str, str]]:
    """Return the folder, the name and the class of each private attribute that is used."""
    return {
        (path.parent.relative_to(PACKAGE).as_posix(), name, owner)
        for path, tree in modules().items()
        for name, owner in uses(path, tree)
    }


def test_each_private_attribute_that_is_used_is_listed() -> None:
    listed = {name for names in USED.values() for name in names}
    assert sorted({name for _, name, _ in all_uses()} ^ listed) == []


def test_private_attributes_are_used_in_one_place() -> None:
    places = {name: PLACES[owner.partition('.')[0]] for owner in USED for name in USED[owner]}
    assert [use for use in sorted(all_uses()) if use[0] not in places.get(use[1], ())] == []


@pytest.mark.parametrize(
    ('owner', 'name'), [(owner, name) for owner in sorted(USED) for name in sorted(USED[owner])]
)
def test_each_private_attribute_still_exists(owner: str, name: str) -> None:
    module, _, class_name = owner.partition(':')
    class_: Any = getattr(importlib.import_module(module), class_name)
    bases = [base for base in inspect.getmro(class_) if base is not object]
    assert any(names_class(base, name) for base in bases), (
        f'{owner} has no {name} any more, which {aiida_slabrelax.__name__} uses'
    )


def test_a_removed_attribute_is_reported() -> None:
    from aiida.engine import WorkChain

    assert not any(names_class(base, '_gone') for base in inspect.getmro(WorkChain)[:-1])


def test_a_new_attribute_is_found() -> None:
    source = 'def f(process):\n    from plumpy import _secret\n    return process._stepping'
    found = set(uses(PACKAGE / '__init__.py', ast.parse(source)))
    assert found == {('_secret', 'plumpy'), ('_stepping', 'process')}
