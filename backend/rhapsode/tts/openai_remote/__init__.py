"""The speech engine that is a server of its user: whatever speaks OpenAI's protocol."""
