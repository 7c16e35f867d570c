"""What Alembic runs to bring a memory's tables up to date, on the connection and in the transaction of whoever opens
it."""

from alembic import context

from personify.pipelines.memory.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
