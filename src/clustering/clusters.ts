import { groupBy } from '../base/maps';
import { centreOf } from './centre';
import { faceDistance } from './dbscan';
import { type Halves, halvesOf } from './halves';

/** The faces that a clustering has put together, or, with label -1, those that it left alone. */
export class Cluster {
  #distances: Float64Array | undefined;
  #halves: { readonly found: Halves | undefined } | undefined;

  constructor(
    /** Number of the cluster, from 0; -1: unsorted. */
    readonly label: number,
    /** Places of its faces, rising. */
    readonly indices: readonly number[],
    /** The encodings of all faces. */
    private readonly all: readonly Float64Array[],
  ) {}

  /**
   * The Euclidean distance of each face to the centre, the mean of the encodings of all its faces, in the order of
   * `indices`; `undefined` for label -1, which has no centre. Computed when it is first asked for.
   */
  get distances(): Float64Array | undefined {
    if (this.label < 0) return undefined;
    this.#distances ??= distancesToCentre(this.encodings);
    return this.#distances;
  }

  /** Its faces from the nearest to the centre to the farthest, as `indices` has them; `undefined` for label -1. */
  get nearestFirst(): number[] | undefined {
    const { distances, indices } = this;
    if (!distances) return undefined;
    const places = [...indices.keys()].sort((a, b) => (distances[a] as number) - (distances[b] as number));
    return places.map((place) => indices[place] as number);
  }

  /** The face that is nearest to the centre, the first of several; `undefined` for label -1. */
  get representative(): number | undefined {
    return this.nearestFirst?.[0];
  }

  /** The encodings of its faces, in the order of `indices`. */
  get encodings(): Float64Array[] {
    return this.indices.map((index) => this.all[index] as Float64Array);
  }

  /** Mean distance of its faces to the centre; `undefined` for label -1. */
  get spread(): number | undefined {
    const { distances } = this;
    return distances && distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  }

  /** How it falls into two, see {@link halvesOf}; `undefined` for label -1, too. Computed when it is first asked for. */
  get halves(): Halves | undefined {
    if (this.label < 0) return undefined;
    this.#halves ??= { found: halvesOf(this.encodings) };
    return this.#halves.found;
  }
}

/**
 * The clusters in the order of their labels, -1 first if there is such a face; empty ones don't exist.
 * @param labels the cluster of each face
 * @param encodings of the faces
 * @param isIn whether a face is in its cluster; all are unless told
 */
export function clustersOf(
  labels: Int32Array | readonly number[],
  encodings: readonly Float64Array[],
  isIn: (index: number) => boolean = () => true,
): Cluster[] {
  return [...groupBy([...labels.keys()].filter(isIn), (index) => labels[index] as number)]
    .sort(([a], [b]) => a - b)
    .map(([label, indices]) => new Cluster(label, indices, encodings));
}

function distancesToCentre(encodings: readonly Float64Array[]): Float64Array {
  return faceDistance(encodings, centreOf(encodings));
}
