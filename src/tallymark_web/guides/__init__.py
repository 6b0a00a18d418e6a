"""The guides for every role, shown inside the app."""
