"""What the streamer sets: a typed tree, kept in one file; secrets in the OS keyring."""
