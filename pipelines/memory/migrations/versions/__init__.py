"""The tables of the memory, version by version (Alembic)."""
