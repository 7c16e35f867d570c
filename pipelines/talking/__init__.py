"""Talks: several avatars speak with one another, in one clip."""
