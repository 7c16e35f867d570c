"""Adherence to a persona, measured: PersonaGym's five tasks, Eval4Sim's consistency and adherence, contradictions."""
