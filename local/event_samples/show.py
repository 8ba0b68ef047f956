"""Running the event samples one after another and printing what became of their events."""

from chalicelib.ports.queues import Sender
from local.event_samples import camera, landing, sensor
from local.event_samples.figures import HEADER
from local.event_samples.sample import Stage


def show_event_samples(stage: Stage, sender: Sender) -> bool:
    """Run them all; whether nothing was lost and nothing counted twice."""
    figures = [landing.run(stage, sender), sensor.run(stage), camera.run(stage)]
    stage.say(f"\n{HEADER}")
    for each in figures:
        stage.say(each.line())
    return all(each.complete for each in figures)
