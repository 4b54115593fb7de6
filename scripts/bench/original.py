"""What the Python project's two scripts do, step by step and with its libraries, for the benchmark.

original.py encode <folder of photos> <encodings file> <cnn or hog>
original.py cluster <encodings file> <output folder>
"""

import os
import pickle
import sys

import cv2
import numpy
from imutils import build_montages, paths


def encode(dataset, encodings, method):
    """One photo after the other; what is parallel is dlib's BLAS."""
    import face_recognition

    faces = []
    for path in sorted(paths.list_images(dataset)):
        image = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
        boxes = face_recognition.face_locations(image, model=method)
        for box, encoding in zip(boxes, face_recognition.face_encodings(image, boxes)):
            faces.append({"imagePath": path, "loc": box, "encoding": encoding})
    with open(encodings, "wb") as file:
        file.write(pickle.dumps(faces))


def cluster(encodings, output):
    """A folder with up to 25 photos of each person, saved again, and a picture of their faces."""
    from sklearn.cluster import DBSCAN

    with open(encodings, "rb") as file:
        faces = pickle.load(file)
    labels = DBSCAN(metric="euclidean", n_jobs=-1).fit([face["encoding"] for face in faces]).labels_
    montages = os.path.join(output, "montage")
    os.makedirs(montages)
    for label in numpy.unique(labels):
        folder = os.path.join(output, f"label{label}")
        os.makedirs(folder)
        members = numpy.where(labels == label)[0]
        tiles = []
        for i in numpy.random.choice(members, size=min(25, len(members)), replace=False):
            image = cv2.imread(faces[i]["imagePath"])
            top, right, bottom, left = faces[i]["loc"]
            cv2.imwrite(os.path.join(folder, f"image{i}.jpg"), image)
            tiles.append(cv2.resize(image[top:bottom, left:right], (96, 96)))
        name = "Unknown Faces" if label == -1 else f"Face ID #{label}"
        cv2.imwrite(os.path.join(montages, f"{name}.jpg"), build_montages(tiles, (96, 96), (5, 5))[0])


{"encode": encode, "cluster": cluster}[sys.argv[1]](*sys.argv[2:])
