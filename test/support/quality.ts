/** In Python, by scikit-learn's contingency tables: what `evaluateClustering` gives; -1 is nobody, or not known. */
export const EVALUATE = `
import json, sys
import numpy as np
from sklearn.metrics.cluster import contingency_matrix, pair_confusion_matrix

def evaluate(labels, people):
    labels, people = np.array(labels, int), np.array(people, int)
    alone = labels < 0
    labels[alone] = labels.max(initial=0) + 1 + np.arange(alone.sum())
    labels, people = labels[people >= 0], people[people >= 0]
    n = len(people)
    share = lambda part, whole: float(part / whole) if whole else None
    f = lambda p, r: None if p is None or r is None else 2 * p * r / (p + r)
    table = contingency_matrix(people, labels).astype(float) if n else np.zeros((0, 0))
    p = share((table**2 / table.sum(0)).sum(), n) if n else None
    r = share((table**2 / table.sum(1)[:, None]).sum(), n) if n else None
    (_, fp), (fn, tp) = pair_confusion_matrix(people, labels) if n else ((0, 0), (0, 0))
    return {
        'faces': n, 'people': table.shape[0], 'clusters': table.shape[1],
        'bcubed': {'precision': p, 'recall': r, 'f1': f(p, r)},
        'pairwise': {'precision': share(tp, tp + fp), 'recall': share(tp, tp + fn), 'f1': share(2 * tp, 2 * tp + fp + fn)},
    }
`;
