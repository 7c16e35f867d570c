"""Conversations: engines that find words, and the chat that speaks, listens and remembers."""
