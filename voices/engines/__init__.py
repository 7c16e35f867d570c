"""Speech engines on one pattern."""
