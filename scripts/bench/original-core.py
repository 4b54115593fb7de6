"""dlib's encoder and OpenBLAS's matrix product on one core, and the versions of all. Prints a line of JSON.

original-core.py <rounds>      with OPENBLAS_NUM_THREADS=1 in the environment
"""

import importlib.metadata
import json
import os
import platform
import sys
import time

import dlib
import face_recognition_models
import numpy
import threadpoolctl

rounds = int(sys.argv[1])


def least(work):
    """The least CPU seconds of this thread that any of the rounds took."""
    work()
    times = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return min(times)


side = 2048
random = numpy.random.default_rng(1)
a, b = (random.standard_normal((side, side), dtype=numpy.float32) for _ in range(2))
encoder = dlib.face_recognition_model_v1(face_recognition_models.face_recognition_model_location())
chip = random.integers(0, 256, (150, 150, 3), dtype=numpy.uint8)

packages = ["dlib", "face_recognition", "numpy", "opencv-python-headless", "scikit-learn", "imutils"]
libraries = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]


def describe(pool):
    """Wheels of NumPy and SciPy bring a BLAS of their own; dlib uses the system's."""
    place = "in the wheel" if ".libs" in pool["filepath"] else "the system's"
    return f"{pool['internal_api']} {pool['version']} ({place}, {pool.get('architecture', '')} kernels)"


print(
    json.dumps(
        {
            "sgemm": 2 * side**3 / least(lambda: a @ b),
            "encoderSeconds": least(lambda: encoder.compute_face_descriptor(chip)),
            "versions": {name: importlib.metadata.version(name) for name in packages},
            "python": platform.python_version(),
            "blas": sorted({describe(pool) for pool in libraries}),
            "systemBlas": any(".libs" not in pool["filepath"] for pool in libraries),
            "threads": os.environ.get("OPENBLAS_NUM_THREADS", ""),
        }
    )
)
