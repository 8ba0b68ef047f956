"""The models that every embedded run has, and the public data they learn from.

The data comes with the package vega_datasets, which the samples and tests use already, so that no model needs a
download or another large package.
Source: iris, R. A. Fisher 1936; seattle-weather, NOAA 2012-2015 (both as vega_datasets ships them)
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from importlib.resources import files

from local.models.learning import Table

IMAGE = "penstock/"
"""How the images of our own containers begin."""

_IRIS = ("sepalLength", "sepalWidth", "petalLength", "petalWidth")
_WEATHER = ("precipitation", "temp_max", "temp_min", "wind")


def _text(name: str) -> str:
    return files("vega_datasets").joinpath("_data", name).read_text()


def _iris() -> Table:
    rows = json.loads(_text("iris.json"))
    return Table(_IRIS, [[row[name] for name in _IRIS] for row in rows], [row["species"] for row in rows])


def _weather() -> Table:
    rows = list(csv.DictReader(io.StringIO(_text("seattle-weather.csv"))))
    return Table(_WEATHER, [[float(row[name]) for name in _WEATHER] for row in rows], [row["weather"] for row in rows])


MODELS: Mapping[str, Callable[[], Table]] = {"iris": _iris, "weather": _weather}
"""Names to what they learn from. The endpoint of each is called `penstock-<name>`."""
