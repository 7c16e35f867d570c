"""The built-in chat engine: rules over the persona's own facts; not a language model."""
