"""Coqui TTS: neural voices that run here. `engine.py` is what the registry names; each kind of model is a file."""
