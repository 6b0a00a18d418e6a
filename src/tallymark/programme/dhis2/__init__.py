"""DHIS2 as a programme: its metadata imported, its expressions read, computed and translated."""

from tallymark.programme.dhis2.arithmetic import dhis2_arithmetic
from tallymark.programme.dhis2.importing import Imported, import_dhis2
from tallymark.programme.dhis2.translate import Known, translate
from tallymark.programme.dhis2.tree import NotSupported

__all__ = ["Imported", "Known", "NotSupported", "dhis2_arithmetic", "import_dhis2", "translate"]
