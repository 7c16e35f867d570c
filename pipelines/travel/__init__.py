"""Bundles that travel: as a file to others, and from theirs into a bundle."""
