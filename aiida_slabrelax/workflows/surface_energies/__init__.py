"""The durable workflows from a crystal to surface energies."""
