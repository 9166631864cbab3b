"""The work chain that cuts and relaxes every termination of a crystal surface."""
