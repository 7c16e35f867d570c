"""The first tables: pairs of a user and an avatar, and their memories."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Makes both tables."""
    op.create_table(
        "personify_pairs",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("user_name", sa.String(200), nullable=False),
        sa.Column("avatar", sa.String(64), nullable=False),
        sa.Column("avatar_name", sa.String(200), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("user_name", "avatar", name="personify_pairs_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "personify_memories",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("pair_id", _Id, sa.ForeignKey("personify_pairs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("about", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("normal", sa.String(64), nullable=False),
        sa.Column("session", sa.String(32), nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
        sa.Column("started_ms", sa.BigInteger),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("turns", sa.Integer),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("pair_id", "kind", "about", "normal", name="personify_memories_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("personify_memories_age", "personify_memories", ["pair_id", "kind", "seen", "last_ms"])
    op.create_index("personify_memories_changed", "personify_memories", ["pair_id", "revision"])


def downgrade() -> None:
    """Removes both, with all that is in them."""
    op.drop_table("personify_memories")
    op.drop_table("personify_pairs")
