"""The store: Delta tables of reported data; batches go in whole, any version can be read."""

from tallymark.store.batch import Batch, Rows
from tallymark.store.relation import Portion
from tallymark.store.schemas import dataset_schema
from tallymark.store.store import Store, open_store, portion, stored

__all__ = ["Batch", "Portion", "Rows", "Store", "dataset_schema", "open_store", "portion", "stored"]
