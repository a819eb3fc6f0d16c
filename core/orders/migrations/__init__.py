"""Alembic migrations of the application's own tables."""
