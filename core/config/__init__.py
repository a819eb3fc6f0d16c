"""Typed profiles read from TOML, and edits written back with every comment kept."""
