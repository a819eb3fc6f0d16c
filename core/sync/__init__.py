"""The plan (pure), the engine that carries it out in two passes, and the stream of events it tells."""
