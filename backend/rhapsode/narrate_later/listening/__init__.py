"""How far people have listened."""
