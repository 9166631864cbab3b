"""The exit codes of the work chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def define_exit_codes(spec: Any) -> None:
    """Define the exit codes of the work chain.

    :param spec: its specification.
    """
    spec.exit_code(
        310,
        'ERROR_SLAB_GENERATION_FAILED',
        message='No slabs could be cut: {message}',
    )
    spec.exit_code(
        311,
        'ERROR_SLAB_OVERRIDES_WITHOUT_SLAB',
        message='No slab matches these keys of `slab_overrides`: {keys}. The slabs are: {slabs}',
    )
    spec.exit_code(
        312,
        'ERROR_LAYERS_CANNOT_BE_FIXED',
        message='`fix` does not suit every slab: {details}',
    )
    spec.exit_code(
        313,
        'ERROR_INCAR_DOES_NOT_FIT',
        message='The INCAR does not suit every slab: {details}',
    )
    spec.exit_code(
        314,
        'ERROR_RETRIED_TWICE',
        message='The same run was retried twice: {rival}.',
    )
    spec.exit_code(
        320,
        'ERROR_ENERGY_NOT_FOUND',
        message='{failed} of {total} slabs have no total energy: {details}',
    )
    spec.exit_code(
        401,
        'ERROR_ALL_RELAXATIONS_FAILED',
        message='All {total} relaxations failed: {details}',
    )
    spec.exit_code(
        402,
        'ERROR_SOME_RELAXATIONS_FAILED',
        message='{failed} of {total} relaxations failed: {details}',
    )


def choose_exit_code(
    total: int,
    failures: Mapping[str, str],
    without_energy: Mapping[str, str],
    min_success_fraction: float,
) -> tuple[str | None, dict[str, Any]]:
    """Return the name of the exit code of a run, None if it has succeeded, and its values.

    :param total: the number of slabs that were not left out.
    :param failures: why relaxations failed, by label.
    :param without_energy: why no energy of a relaxed slab is known, by label.
    :param min_success_fraction: of the slabs, so many must have relaxed.
    """
    problems, failed = {**failures, **without_energy}, len(failures)
    details = '; '.join(f'{label}: {problem}' for label, problem in sorted(problems.items()))
    name = None
    if without_energy:
        name, failed = 'ERROR_ENERGY_NOT_FOUND', len(without_energy)
    elif failed == total:
        name = 'ERROR_ALL_RELAXATIONS_FAILED'
    elif failed and (total - failed) / total < min_success_fraction:
        name = 'ERROR_SOME_RELAXATIONS_FAILED'
    return name, {'failed': failed, 'total': total, 'details': details}
