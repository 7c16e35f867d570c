"""The archetypes, a file a family; each function enters itself in the registry."""
