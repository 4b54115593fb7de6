"""One clustering by scikit-learn with all cores, in a process of its own. Prints a line of JSON.

dbscan-sklearn.py <points> <n> <d> <labels>
"""

import json
import platform
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
usage = resource.getrusage(resource.RUSAGE_SELF)
versions = f"scikit-learn {sklearn.__version__} (NumPy {numpy.__version__}, Python {platform.python_version()})"
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps({"seconds": seconds, "peak": peak, "processCpuSeconds": cpu, "versions": versions}))
