"""The voice benchmark: whether a description gets a voice that a listener would accept, how unlike each other the tones
are, and how quickly each engine speaks."""
