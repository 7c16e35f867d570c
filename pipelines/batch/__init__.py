"""Batches: many descriptions become many avatars, on one machine or on many."""
