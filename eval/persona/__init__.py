"""Adherence to a persona, measured: by a judge model after PersonaGym, and without any model."""
