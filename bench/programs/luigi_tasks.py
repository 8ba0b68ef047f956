"""100 no-op luigi tasks as a chain and as a fan-out: local scheduler, one worker; done is a file, as luigi has it."""

import json
import tempfile
import time
from pathlib import Path

import luigi


class Link(luigi.Task):
    folder = luigi.Parameter()
    number = luigi.IntParameter()

    def requires(self) -> list[luigi.Task]:
        return [Link(self.folder, self.number - 1)] if self.number else []

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(f"{self.folder}/chain{self.number}")

    def run(self) -> None:
        Path(self.output().path).touch()


class Leaf(luigi.Task):
    folder = luigi.Parameter()
    number = luigi.IntParameter()

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(f"{self.folder}/leaf{self.number}")

    def run(self) -> None:
        Path(self.output().path).touch()


def timed(tasks: list[luigi.Task]) -> float:
    before = time.perf_counter()
    assert luigi.build(tasks, local_scheduler=True, workers=1, log_level="ERROR")
    return time.perf_counter() - before


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        chain = timed([Link(folder, 99)])
        fan_out = timed([Leaf(folder, number) for number in range(100)])
    print("\n" + json.dumps({"chain": chain, "fan_out": fan_out}))
