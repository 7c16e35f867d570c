"""How well the talking head keeps its promises: what is seen of its frames, beside what was meant; how fast it is."""
