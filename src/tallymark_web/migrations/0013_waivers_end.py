"""A waiver has a last day, which is never changed either. Those given without one are over."""

from importlib import import_module

from django.db import migrations, models

before = import_module("tallymark_web.migrations.0012_never_changed")
COLUMNS = (*before.SAID["remark"], "until")


def protect(apps, editor):
    """The trigger on what was said, with the new column in it."""
    vendor = editor.connection.vendor
    on = "" if vendor == "sqlite" else " ON web_remark"
    editor.execute(f"DROP TRIGGER web_remark_no_update{on}")
    (trigger,) = (one for one in before.statements(vendor, "remark", COLUMNS) if "_no_update" in one)
    editor.execute(trigger)


class Migration(migrations.Migration):
    """After the triggers."""

    dependencies = (("web", "0012_never_changed"),)
    operations = (
        migrations.AddField(model_name="case", name="until", field=models.DateField(null=True)),
        migrations.AddField(model_name="remark", name="until", field=models.DateField(null=True)),
        migrations.RunPython(protect, migrations.RunPython.noop),
    )
