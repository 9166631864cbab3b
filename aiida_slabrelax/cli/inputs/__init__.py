"""What a user names: crystals in files, nodes, YAML."""
