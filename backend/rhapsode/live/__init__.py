"""Live sessions: one generation, its journal, and those who listen to it."""
