"""${message}.

Phase: pre (old workers may still run beside it) or post (only when all are new)? Keep one, and say why.
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
${imports if imports else ""}

def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
