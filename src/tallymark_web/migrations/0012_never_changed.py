"""What somebody said, sent, decided or handed in is never changed or deleted: triggers in both databases."""

from django.db import migrations

SAID = {
    "version": ("report_id", "number", "key", "values", "note", "by_id", "at"),
    "step": ("version_id", "act", "by_id", "at", "comment"),
    "closing": ("dataset", "period", "unit", "closed", "reason", "by_id", "at"),
    "upload": ("source", "name", "sha256", "size", "by_id"),
    "remark": ("case_id", "act", "text", "by_id", "at"),
    "paper": ("remark_id", "name", "size", "sha256", "dated", "came_at"),
    "deed": ("action_id", "act", "text", "by_id", "at"),
    "proof": ("deed_id", "name", "size", "sha256", "dated", "came_at"),
    "action": ("unit", "text", "source", "ref", "said_of", "meeting_id", "by_id", "at"),
    "appeal": ("run", "unit", "contract", "line", "text", "by_id", "at"),
    "release": ("code", "run", "by_id", "at"),
    "complaint": ("release_id", "about", "page", "text", "reach", "at"),
    "grant": ("person_id", "role", "unit", "first_day", "last_day", "given_by_id", "given_at"),
}
"""Table (without its prefix) → its columns that stay as they were written; the others say where the matter stands."""
OTHER = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}


def statements(vendor, table, columns):
    """The triggers of one table."""
    message = f"what {table} says is never changed"
    name = f"web_{table}"
    changed = " OR ".join(f'OLD."{column}" {OTHER[vendor]} NEW."{column}"' for column in columns)
    if vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        yield f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} WHEN {changed} {refuse}"
        yield f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {refuse}"
        return
    refuse = f"EXECUTE FUNCTION {name}_refuse()"
    yield (
        f"CREATE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    yield f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} FOR EACH ROW WHEN ({changed}) {refuse}"
    yield f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} FOR EACH ROW {refuse}"
    yield f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {refuse}"


def refuse_change(apps, editor):
    """Adds the triggers."""
    for table, columns in SAID.items():
        for statement in statements(editor.connection.vendor, table, columns):
            editor.execute(statement)


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = (("web", "0011_releases"),)
    operations = (migrations.RunPython(refuse_change, migrations.RunPython.noop),)
