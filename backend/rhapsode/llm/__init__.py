"""Where the text comes from: any OpenAI-compatible server, or the built-in storyteller."""
