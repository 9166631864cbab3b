"""The inputs of users: crystals in files, nodes, YAML."""
