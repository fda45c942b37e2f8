"""People, how they prove who they are, and what they have set."""
