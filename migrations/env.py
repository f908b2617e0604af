"""Runs the migrations on the connection it is handed (`proms.db.migrate`)."""

from alembic import context
from sqlmodel import SQLModel

import proms.db.tables  # noqa: F401  (fills the metadata)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
