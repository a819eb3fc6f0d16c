"""From source values to column values: one writer per column type, templates, policies and findings."""
