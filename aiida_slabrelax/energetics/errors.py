"""What is raised in place of a number that would mean nothing."""


class NotComparableError(ValueError):
    """Energies do not belong together, or a formula cannot be balanced; the message says why."""
