"""Alembic's entry: it runs on the connection it is given, in that connection's transaction."""

from alembic import context

from reelhook.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,
    render_as_batch=context.config.attributes.get("batch", True),
    user_module_prefix="types.",
)
context.run_migrations()
