"""What can be said about a spec: facts by phase, where they were found, and how they are shown."""
