"""Writes an encodings file as the Python project does: encodings-python.py FILE FACES PROTOCOL"""

import pickle
import sys

import numpy as np

path, faces, protocol = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
values = np.random.default_rng(1).standard_normal((faces, 128)) * 0.1
data = [
    {"imagePath": f"photos/{face // 2:07}.jpg", "loc": (10, 200 + face % 999, 300, 20), "encoding": values[face].copy()}
    for face in range(faces)
]
with open(path, "wb") as file:
    pickle.dump(data, file, protocol)
