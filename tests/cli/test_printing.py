"""What others have written gets to the terminal through one door, and to files through another."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import aiida_slabrelax
from aiida_slabrelax.cli.doctor.checks import Finding, Mark
from aiida_slabrelax.cli.printing import lines, print_line, print_text, table

PACKAGE = Path(aiida_slabrelax.__file__).parent

#: What prints, or composes what is printed, and the modules that may use it.
DOORS = {
    'click.echo': set(),
    'click.secho': {'cli/printing.py'},
    # The others only read.
    'csv': {'cli/for_programs.py', 'cli/inputs/crystal_tables.py', 'energetics/own_numbers.py'},
    # A command of its own, for durable workflows without slabs.
    'print': {'durable/__main__.py'},
    # A fork that reads a stranger's file turns them to nowhere; a function that runs in an
    # interpreter of its own answers on the output, so that what it prints goes to the errors.
    'sys.stderr': {'crystals/limited.py', 'cli/program.py', 'durable/engine/apart.py'},
    'sys.stdout': {
        'crystals/limited.py',
        'cli/printing.py',  # whether it is a terminal
        'cli/program.py',
        'durable/engine/apart.py',
    },
    'tabulate': set(),
}


def _modules() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob('*.py')):
        # The stand-in prints what VASP prints, into the files of a calculation.
        if not path.is_relative_to(PACKAGE / 'standin'):
            yield path


def _uses(path: Path) -> Iterator[str]:
    """Yield what a module calls or imports by a name that may be a door."""
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        match node:
            case ast.Call(func=ast.Name(id='print')):
                yield 'print'
            case ast.Attribute(value=ast.Name(id='click' | 'sys' as module), attr=name):
                yield f'{module}.{name}'
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield module
                yield from (f'{module}.{alias.name}' for alias in names)


def test_no_module_prints_another_way() -> None:
    found = {
        (use, path.relative_to(PACKAGE).as_posix())
        for path in _modules()
        for use in _uses(path)
        if use in DOORS
    }
    assert found == {(use, module) for use, modules in DOORS.items() for module in modules}


#: What writes files, and the modules that may call it: on what `new_files` has given them.
WRITERS = {
    'create_archive': {'cli/files/tables_and_archives.py'},
    'mkdir': {'cli/files/new_files.py', 'cli/sandbox/environment.py'},
    'move': set(),
    'open': {'crystals/limited.py', 'engine/faults.py'},
    'rename': set(),
    'replace': {'cli/files/new_files.py'},
    'savefig': {'cli/files/pictures.py', 'report/figures.py'},
    'write': {
        'cli/files/slab_files.py',
        'durable/engine/apart.py',  # into a pipe
        'durable/values/encoding.py',  # a variable
        'parsers/files/vasprun.py',
        'engine/faults.py',
    },
    'write_bytes': set(),
    'write_text': {
        'cli/files/input_files.py',
        'cli/files/tables_and_archives.py',
        'cli/commands/report.py',
        'cli/files/slab_files.py',
        'engine/faults.py',
    },
}


def _writes(path: Path) -> Iterator[str]:
    """Yield the names in `WRITERS` that a module calls."""
    for node in ast.walk(ast.parse(path.read_text('utf-8'))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id='os'), attr='replace')):
                yield 'replace'
            case ast.Call(func=ast.Name(id='open') | ast.Attribute(attr='open')):
                texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                if any(re.fullmatch('[rwaxbt+]*[wax+][bt+]*', str(text)) for text in texts):
                    yield 'open'
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                if name in WRITERS and name != 'replace':  # strings have one too
                    yield name


def test_no_module_writes_another_way() -> None:
    found: dict[str, set[str]] = {name: set() for name in WRITERS}
    for path in _modules():
        for name in _writes(path):
            found[name].add(path.relative_to(PACKAGE).as_posix())
    assert found == WRITERS


def test_a_line_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    print_line('a\nb\x1b[2J')
    print_line('c\u202ed', error=True)
    assert capsys.readouterr() == ('a\\nb\\x1b[2J\n', 'c\\u202ed\n')


def test_a_text_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    print_text('a\n\tb\r\x1b[2J')
    assert capsys.readouterr().out == 'a\n\tb\\r\\x1b[2J\n'


def test_lines_and_cells() -> None:
    assert lines(['a\nb', 'c\x07']) == 'a\\nb\nc\\x07'
    assert table([['a\nb', '1'], [('c\n', 'd'), '–']], ['x', 'y'], numbers=['y']) == (
        'x       y\n----  ---\na\\nb    1\nc\\n     –\nd'
    )


def test_a_finding_forges_no_other_one() -> None:
    finding = Finding('code', Mark.FAULT, 'x\n[OK] code: fine\x1b[2J', 'do\nthis')
    assert str(finding) == '[!!] code: x\\n[OK] code: fine\\x1b[2J: do\\nthis'


@pytest.fixture
def invoke_raising() -> Callable[[Exception], Result]:
    """Return a function that runs a program whose one command raises an error."""
    from aiida_slabrelax.cli.program import Program

    def run(error: Exception) -> Result:
        @click.group(cls=Program)
        def program() -> None: ...

        @program.command()
        def fail() -> None:
            raise error

        return CliRunner().invoke(program, ['fail'])

    return run


def test_errors_are_one_line(invoke_raising: Callable[[Exception], Result]) -> None:
    result = invoke_raising(click.ClickException('a\x1b]0;x\x07\nError: forged'))
    assert (result.exit_code, result.stdout) == (2, '')
    assert result.stderr == 'Error: a\\x1b]0;x\\x07\\nError: forged\n'


def test_wrong_usage_shows_what_was_typed(invoke: Callable[..., Result]) -> None:
    for words, shown in (
        (('sh\x1bow',), "Error: No such command 'sh\\x1bow'. Did you mean 'show'?\n"),
        (('show', '--\x1b\nx'), 'Error: No such option: --\\x1b\\nx\n'),
        (('show', '1', '\x9b'), 'Error: Got unexpected extra argument (\\x9b)\n'),
        (('preview', 'a\x1bb\nc'), 'Error: a\\x1bb\\nc: there is neither such a file nor a node '),
    ):
        result = invoke(*words)
        assert shown in result.stderr
        assert '\x1b' not in result.stderr
        assert '\x9b' not in result.stderr


def test_an_error_of_another_file_is_a_defect(
    invoke_raising: Callable[[Exception], Result],
) -> None:
    error = OSError(28, 'No space left on device')
    assert invoke_raising(error).exception is error
