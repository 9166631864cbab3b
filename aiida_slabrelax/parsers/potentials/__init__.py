"""The electrostatic potential of slabs, and the work functions of their faces."""
