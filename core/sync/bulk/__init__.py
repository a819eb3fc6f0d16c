"""Bulk import: many creations of one group as one file (docs/importing-items-in-bulk)."""
