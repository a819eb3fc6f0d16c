"""Qt item models: thin adapters over core's dataclasses, and the pure reductions they show."""
