"""What survives a restart: conversations, characters, the history of settings. The only package that speaks SQL."""
