"""Run by Alembic: applies the migrations on the connection that `core.orders.schema` hands over."""

from alembic import context

from core.orders.own_tables import metadata

context.configure(
    connection=context.config.attributes.get("connection"),
    dialect_name=context.config.attributes.get("dialect_name"),
    target_metadata=metadata,
    version_table="deltadesk_version",
    literal_binds=context.is_offline_mode(),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
