"""One calculation with VASP: its work chain, and the checks of its inputs."""
