"""The tag reader of a board that has one, and what the world may do to tags. Imported for such a board only."""

from chips.r200 import R200
from physics.tag_field import TagField


def make_reader(world, boot, row):
    """The reader of the board file's `tags`, with the tags that lie around it."""
    field = TagField(boot["seed"], boot["run"])
    for epc in boot["tags_near"]:
        field.take(bytes.fromhex(epc), True)
    for epc in boot["tags"]:
        field.put(bytes.fromhex(epc))
    field.shut()
    reader = R200(field, row["header"], row["trailer"])
    reader.dead = boot["tag_reader"] == "dead"
    _let_act(world, reader)
    return reader


def _let_act(world, reader):
    def put(number, epc):
        reader.field.put(bytes.fromhex(epc))
        world.done(number)

    def take(number, epc, near):
        reader.field.take(bytes.fromhex(epc), near)
        world.done(number)

    def break_(number, kind):
        reader.dead = kind == "dead"
        world.done(number)

    for name, call in (("tag_put", put), ("tag_take", take), ("tag_reader", break_)):
        world.on(name, call)
