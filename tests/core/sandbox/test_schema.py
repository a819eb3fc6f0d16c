"""The practice board's schema against the official one."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    print_ast,
    specified_scalar_types,
)

from core.sandbox.column_values import COLUMN_TYPES
from core.sandbox.resolvers import SCHEMA
from core.sandbox.schema import RESOLVERS

REPOSITORY = Path(__file__).parents[3]
OFFICIAL = REPOSITORY.parent / "shared" / "monday" / "schema-2026-10.graphql"


@pytest.fixture(scope="module")
def official() -> GraphQLSchema:
    if not OFFICIAL.exists():
        pytest.skip(f"the official schema is not at {OFFICIAL}")
    return build_schema(OFFICIAL.read_text(encoding="utf-8"), assume_valid=True)


def own_types() -> list[str]:
    return [
        name for name in SCHEMA.type_map if not name.startswith("__") and name not in specified_scalar_types
    ]


def default_of(entry: object) -> str | None:
    default = getattr(entry, "default", None)
    return None if default is None else print_ast(default.literal)


def differences(kind: str, own: dict, real: dict) -> list[str]:
    found = []
    for name, entry in own.items():
        if name not in real:
            found.append(f"{kind}.{name} does not exist officially")
        elif str(entry.type) != str(real[name].type):
            found.append(f"{kind}.{name} is {entry.type}, officially {real[name].type}")
        elif default_of(entry) != default_of(real[name]):
            found.append(f"{kind}.{name} has another default")
    return found


def test_that_every_declared_type_field_argument_and_value_exists_officially(official: GraphQLSchema) -> None:
    found = []
    for name in own_types():
        own, real = SCHEMA.type_map[name], official.type_map.get(name)
        if type(own) is not type(real):
            found.append(f"{name} is officially {real!r}")
        elif isinstance(own, GraphQLObjectType | GraphQLInterfaceType):
            found += differences(name, own.fields, real.fields)
            for field_name, field in own.fields.items():
                if field_name in real.fields:
                    found += differences(f"{name}.{field_name}", field.args, real.fields[field_name].args)
            found += [
                f"{name} does not implement {interface.name} officially"
                for interface in own.interfaces
                if interface.name not in {known.name for known in real.interfaces}
            ]
        elif isinstance(own, GraphQLInputObjectType):
            found += differences(name, own.fields, real.fields)
        elif isinstance(own, GraphQLEnumType):
            found += [
                f"{name}.{value} does not exist officially"
                for value in own.values
                if value not in real.values
            ]
        elif isinstance(own, GraphQLUnionType):
            real_members = {member.name for member in real.types}
            found += [
                f"{name} has no member {member.name}"
                for member in own.types
                if member.name not in real_members
            ]
    assert found == []


def test_that_the_defaults_compared_are_real_ones() -> None:
    assert default_of(SCHEMA.type_map["Query"].fields["boards"].args["limit"]) == "25"


def test_that_a_required_official_argument_is_never_missing(official: GraphQLSchema) -> None:
    missing = []
    for root in ("Query", "Mutation"):
        for name, field in SCHEMA.type_map[root].fields.items():
            real = official.type_map[root].fields[name]
            for argument, definition in real.args.items():
                if str(definition.type).endswith("!") and default_of(definition) is None:
                    missing += [f"{root}.{name}({argument})"] if argument not in field.args else []
    assert missing == []


def test_that_every_root_field_has_a_resolver() -> None:
    roots = {(root, name) for root in ("Query", "Mutation") for name in SCHEMA.type_map[root].fields}
    assert roots <= RESOLVERS.keys()


def test_that_every_column_type_of_the_schema_is_known_and_has_its_own_value_type() -> None:
    types = SCHEMA.type_map["ColumnType"].values.keys() - {"name"}
    assert types == COLUMN_TYPES.keys()
    possible = {value.name for value in SCHEMA.get_possible_types(SCHEMA.type_map["ColumnValue"])}
    assert {kind.graphql_type for kind in COLUMN_TYPES.values()} <= possible
