"""An upload that spans several functions, noted beside its object: what a killed one left is dropped by the retry.

begin ── note ── parts … (checkpoint) … parts ── end ── forget the note
      ▲       ▲
      │       └ killed here, before its first checkpoint: the next attempt reads the note and drops the upload
      └ killed here: a lifecycle rule drops it
"""

import hashlib

from chalicelib.domain.run.task import Task
from chalicelib.ports.errors import Denied, Missing
from chalicelib.ports.objects import Encryption, Place, Upload
from chalicelib.work.sql.ledger import load_id
from chalicelib.work.tools import Tools


def begin_noted(task: Task, place: Place, encryption: Encryption | None, tools: Tools) -> Upload:
    """Drop what an earlier execution left, begin anew, and note that."""
    note = _note(task, place)
    left = _read(note, tools) if tools.resumed else None
    if left is not None:
        tools.objects.drop_parts(Upload(place, left))
        tools.journal.say(f"dropped upload {left}, which an earlier execution left")
    upload = tools.objects.begin(place, encryption)
    tools.objects.write(note, upload.id.encode())
    return upload


def forget_note(task: Task, place: Place, tools: Tools) -> None:
    """The upload came to its end. A role that may not delete leaves a few bytes beside the object."""
    try:
        tools.objects.delete(_note(task, place))
    except Denied as error:
        tools.journal.say(f"the note of the upload stays: {error}")


def _note(task: Task, place: Place) -> Place:
    owner = hashlib.sha256(load_id(task).encode()).hexdigest()[:12]
    directory = place.key[: place.key.rfind("/") + 1]
    return Place(place.bucket, f"{directory}_penstock/{owner}/upload")


def _read(note: Place, tools: Tools) -> str | None:
    try:
        return tools.objects.read(note).decode()
    except Missing:
        return None
