"""Text made ready to be spoken: read as a reader would, without what has no sound, cut at its sentences."""
