"""The asynchronous surface, written by hand; ``tools/async_to_sync.py`` makes the synchronous one from it."""
