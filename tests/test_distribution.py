"""The package as users get it: a wheel, in an environment of its own."""

import ast
import configparser
import json
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]

LOAD_ALL = """
import json
from importlib.metadata import distribution
points = distribution('aiida-slabrelax').entry_points
print(json.dumps({f'{point.group} {point.name}': str(point.load().__module__) for point in points}))
"""


@pytest.fixture(scope='module')
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('wheel')
    command = [sys.executable, '-m', 'build', '--wheel', '--outdir', str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob('*.whl')
    return path


def declared_entry_points() -> set[str]:
    parser = configparser.ConfigParser(delimiters=('=',))
    parser.read(ROOT / 'entry_points.txt')
    return {f'{group} {name}' for group in parser.sections() for name in parser[group]}


def test_the_wheel_has_every_file_of_the_package(wheel):
    listed = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard', 'aiida_slabrelax'],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert listed
    assert [name for name in listed if name not in packed] == []
    assert {name.split('/')[0].split('-')[0] for name in packed} == {'aiida_slabrelax'}


def test_a_new_environment_loads_every_entry_point(wheel, tmp_path):
    """What else they need comes from this environment; the next test looks at that."""
    environment = tmp_path / 'venv'
    venv.create(environment)
    python = environment / 'bin' / 'python'
    # Without PYTHONPATH, where pip would find the package.
    alone = {'HOME': str(tmp_path), 'AIIDA_PATH': str(tmp_path), 'PATH': '/usr/bin:/bin'}
    pip = [sys.executable, '-I', '-m', 'pip', '--python', str(python), 'install', '--quiet']
    install = [*pip, '--no-deps', '--no-index', str(wheel)]
    subprocess.run(install, check=True, capture_output=True, cwd=tmp_path, env=alone)
    (packages,) = environment.glob('lib/*/site-packages')
    # The finder of an editable installation is set up by a .pth file, which is not read there.
    (packages / 'needed.pth').write_text(f'{sysconfig.get_path("purelib")}\n')
    loaded = subprocess.run(
        [str(python), '-c', LOAD_ALL],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=alone,
    )
    assert set(json.loads(loaded.stdout)) == declared_entry_points()
    for command in ('aiida-slabrelax', 'vasp-standin'):
        program = str(environment / 'bin' / command)
        subprocess.run([program, '--help'], check=True, capture_output=True, cwd=tmp_path)


#: What a script installs in an environment of its own, and what it imports there.
IN_ITS_OWN_ENVIRONMENT = {'gpaw': 'scripts/gpaw'}


def test_what_is_not_declared_is_installed_by_a_script():
    for name, script in IN_ITS_OWN_ENVIRONMENT.items():
        assert f'"{name}==$' in (ROOT / script).read_text()


def test_whatever_is_imported_is_declared():
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']
    extras = project['optional-dependencies']
    users = [*project['dependencies'], *extras['xtb'], *extras['bayesian'], *extras['pythonjob']]
    declared = {canonicalize_name(Requirement(requirement).name) for requirement in users}
    providers = packages_distributions()
    for path in (ROOT / 'aiida_slabrelax').rglob('*.py'):
        for name in imported(ast.parse(path.read_text())) - sys.stdlib_module_names:
            if name == 'aiida_slabrelax' or name in IN_ITS_OWN_ENVIRONMENT:
                continue
            ours = {canonicalize_name(provider) for provider in providers[name]}
            assert declared & ours, f'{path} imports {name}'


def imported(module: ast.Module) -> set[str]:
    """The packages outside its own that a module imports, wherever it does so."""
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert node.module is not None
            names.add(node.module)
    return {name.split('.')[0] for name in names}


def test_metadata_is_in_one_place():
    parser = configparser.ConfigParser()
    parser.read(ROOT / 'setup.cfg')
    assert not {'metadata', 'options'} & set(parser.sections())


def test_what_the_registry_of_plugins_asks_for():
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']
    assert project['name'] == 'aiida-slabrelax'
    assert 'Framework :: AiiDA' in project['classifiers']
    assert sum(c.startswith('Development Status') for c in project['classifiers']) == 1
    assert 'aiida-core>=2.9,<2.10' in project['dependencies']
    assert 'aiida-vasp>=5.1,<6' in project['dependencies']
    assert {'tests', 'docs', 'xtb', 'dev'} <= set(project['optional-dependencies'])
    groups = {point for point in declared_entry_points() if point.startswith('aiida.')}
    assert all(point.split()[1].startswith('slabrelax.') for point in groups)
