"""What Alembic runs to run the steps: within the transaction of whoever asked for them."""

from alembic import context

from pipeline.store.history.migrating import CONNECTION
from pipeline.store.history.tables import version

context.configure(connection=context.config.attributes[CONNECTION], version_table=version.name)
context.run_migrations()
