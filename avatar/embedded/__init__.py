"""Embedded experts: small diffusion models of Personify's own, the drawings they learn from, and their training."""
