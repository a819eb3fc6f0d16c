"""The executable schema: importing the resolver modules enters every resolver."""

from core.sandbox import account, bulk_import, mutations, queries, structure_mutations
from core.sandbox.schema import load_schema

RESOLVER_MODULES = (account, bulk_import, mutations, queries, structure_mutations)
SCHEMA = load_schema()
