"""View-models: what the window shows, as Qt objects that widgets read, connect to and call."""
