"""Personas by a language model: proposed, validated, revised, and filled in by the built-in writer where need be."""
