"""The first tables: runs, their slides, and every call to a service."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        *_texts("state", "deck", "deck_hash", "output", "output_hash", "work_key", "lock", "user", "project", "host"),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("exit_code", sa.Integer),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("planned", "illustrated", "failed")),
        *_texts("message"),
    )
    op.create_index("ix_runs_created", "runs", ["created"])
    op.create_index("ix_runs_deck", "runs", ["deck"])
    op.create_index("ix_runs_deck_hash", "runs", ["deck_hash"])
    op.create_table(
        "slides",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *_texts("title", "status", "reason", "prompt", "alt_text", "provider", "model", "image_hash"),
        sa.Column("cost_usd", sa.Double, nullable=False),
        sa.Column("saved_usd", sa.Double, nullable=False),
    )
    _make_attempts()


def _make_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        *_texts("run_id"),
        sa.Column("slide_number", sa.Integer),
        *_texts("kind", "service", "model", "state"),
        sa.Column("may_be_charged", sa.Boolean, nullable=False),
        sa.Column("continues", sa.Boolean, nullable=False),
        sa.Column("reserved_usd", sa.Double),
        sa.Column("cost_usd", sa.Double),
        sa.Column("counted_usd", sa.Double, nullable=False),
        sa.Column("counted_images", sa.Integer, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("seconds", sa.Double),
        *_texts("batch", "request_key", "error_kind", "format"),
        sa.Column("width_px", sa.Integer),
        sa.Column("height_px", sa.Integer),
        sa.Column("bytes", sa.BigInteger),
        *_texts("hash"),
        sa.Column("tokens_read", sa.BigInteger),
        sa.Column("tokens_written", sa.BigInteger),
        *_texts("error"),
        sa.Column("parameters", sa.JSON, nullable=False),
        *_texts("prompt"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempts_created", "attempts", ["created", "run_id", "counted_usd", "counted_images"])
    op.create_index("ix_attempts_run_id", "attempts", ["run_id", "created", "counted_usd", "counted_images"])
    batched, maybe = sa.column("batch") != "", sa.column("may_be_charged", sa.Boolean)
    op.create_index("ix_attempts_batch", "attempts", ["batch"], sqlite_where=batched, postgresql_where=batched)
    op.create_index("ix_attempts_maybe", "attempts", ["request_key"], sqlite_where=maybe, postgresql_where=maybe)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
