"""Mechanism without a subject: events, tasks, time, processes, files. Knows the domain's words and nothing else."""
