"""A classifier that learns in a moment: softmax regression. Must not know what it classifies.

Small on purpose: the data sets have a few features and some thousand rows, and every start of the embedded run that
asks a model pays for its training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = 400
_RATE = 0.5
_DECAY = 1e-3
_Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """Labelled examples: a row of numbers and a label each."""

    features: tuple[str, ...]
    rows: Sequence[Sequence[float]]
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Classifier:
    """Labels in order of the weights' columns; `middle` and `spread` bring widened features to one scale."""

    features: tuple[str, ...]
    labels: tuple[str, ...]
    middle: _Numbers
    spread: _Numbers
    weights: _Numbers

    def classify(self, rows: Sequence[Sequence[float]]) -> list[Mapping[str, float]]:
        """For each row every label's probability, the likeliest first. Raises ValueError for rows of another width."""
        given = np.asarray(rows, dtype=np.float64)
        if given.ndim != 2 or given.shape[1] != len(self.features) or not np.isfinite(given).all():
            raise ValueError(f"rows of {len(self.features)} numbers ({', '.join(self.features)}) expected")
        chances = _softmax(_scaled(_widened(given), self.middle, self.spread) @ self.weights)
        return [self._named(row) for row in chances]

    def _named(self, chances: _Numbers) -> Mapping[str, float]:
        order = np.argsort(-chances)
        return {self.labels[at]: round(float(chances[at]), 6) for at in order}


def train(table: Table) -> Classifier:
    """Learn by gradient descent over all rows at once; the same table gives the same classifier."""
    labels = tuple(sorted(set(table.labels)))
    rows = _widened(np.asarray(table.rows, dtype=np.float64))
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = _scaled(rows, middle, spread)
    wanted = np.eye(len(labels))[[labels.index(label) for label in table.labels]]
    weights = np.zeros((scaled.shape[1], len(labels)))
    for _ in range(_STEPS):
        slope = scaled.T @ (_softmax(scaled @ weights) - wanted) / len(rows) + _DECAY * weights
        weights -= _RATE * slope
    return Classifier(table.features, labels, middle, spread, weights)


def _widened(rows: _Numbers) -> _Numbers:
    """Each feature, and its steep logarithm: a little rain is far from none, a lot of it near to a little more."""
    widened: _Numbers = np.hstack([rows, np.sign(rows) * np.log1p(100 * np.abs(rows))])
    return widened


def _scaled(rows: _Numbers, middle: _Numbers, spread: _Numbers) -> _Numbers:
    """Features of one scale, and a one for the offset."""
    return np.hstack([(rows - middle) / spread, np.ones((len(rows), 1))])


def _softmax(scores: _Numbers) -> _Numbers:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: _Numbers = raised / raised.sum(axis=1, keepdims=True)
    return chances
