"""The use cases, one file a step of the turn: triage, turn, prompt, reply, safety, speech, performance."""
