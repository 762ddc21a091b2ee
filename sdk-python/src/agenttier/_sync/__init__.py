"""The synchronous surface, generated: see ``tools/async_to_sync.py``."""
