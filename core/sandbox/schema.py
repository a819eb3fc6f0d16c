"""The GraphQL schema of the practice board: the official names, with our resolvers behind them."""

from collections.abc import Callable
from typing import Any, TypeVar

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    assert_valid_schema,
    build_schema,
)

from core.resources import resource_path
from core.sandbox.cells import CellView
from core.sandbox.session import Session

Info = GraphQLResolveInfo[Session]
Resolver = Callable[..., Any]
AnyResolver = TypeVar("AnyResolver", bound=Resolver)
RESOLVERS: dict[tuple[str, str], Resolver] = {}
SHARED_FIELDS = {"column", "id", "is_leaf", "text", "type", "value"}


def resolves(type_name: str, field_name: str) -> Callable[[AnyResolver], AnyResolver]:
    """Enter a function as the resolver of a field: it gets the source, the session and the arguments."""

    def enter(resolver: AnyResolver) -> AnyResolver:
        def bound(source: Any, info: Info, **arguments: Any) -> Any:
            return resolver(source, info.context, **arguments)

        enter_resolver(type_name, field_name, bound)
        return resolver

    return enter


def enter_resolver(type_name: str, field_name: str, resolver: Resolver) -> None:
    """Enter a resolver as graphql-core calls it: with the source, the info and the arguments."""
    RESOLVERS[type_name, field_name] = resolver


def load_schema() -> GraphQLSchema:
    """Build the schema from `resources/sandbox/schema.graphql` and bind the resolvers entered so far."""
    schema = build_schema(resource_path("sandbox", "schema.graphql").read_text(encoding="utf-8"))
    assert_valid_schema(schema)
    interface = schema.type_map["ColumnValue"]
    assert isinstance(interface, GraphQLInterfaceType)
    interface.resolve_type = _column_value_type
    for value_type in schema.get_possible_types(interface):
        for name, field in value_type.fields.items():
            if name not in SHARED_FIELDS:
                field.resolve = _typed_field
    for (type_name, field_name), resolver in RESOLVERS.items():
        target = schema.type_map[type_name]
        assert isinstance(target, GraphQLObjectType)
        target.fields[field_name].resolve = resolver
    return schema


def _column_value_type(view: CellView, _info: Info, _abstract: object) -> str:
    return view.kind.graphql_type


def _typed_field(view: CellView, info: Info) -> Any:
    return view.fields.get(info.field_name)
