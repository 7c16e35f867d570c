"""The sketch: anything, drawn as someone, with landmarks that are known exactly."""
