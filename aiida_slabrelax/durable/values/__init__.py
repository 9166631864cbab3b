"""Values of durable workflows: between nodes, plain Python and JSON."""
