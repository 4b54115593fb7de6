"""One clustering by scikit-learn with all cores, in a process of its own. Prints a line of JSON.

dbscan-sklearn.py <points> <n> <d> <labels>
"""

import json
import resource
import sys
import time

import numpy
import sklearn
from sklearn.cluster import DBSCAN

points, n, d, labels = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
data = numpy.fromfile(points, dtype="<f4").reshape(n, d)
started = time.perf_counter()
found = DBSCAN(eps=0.5, min_samples=5, metric="euclidean", n_jobs=-1).fit(data)
seconds = time.perf_counter() - started
found.labels_.astype("<i4").tofile(labels)
# Kilobytes on Linux, bytes on macOS.
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"seconds": seconds, "peak": peak, "version": sklearn.__version__}))
