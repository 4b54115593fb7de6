import { type Box, ENCODING_LENGTH } from '../base/types';
import { drawFace } from '../engine/drawing';
import { FaceEngine } from '../engine/engine';

/** Where dlib's detectors see the face of the drawing. */
const HOG_BOX: Box = { top: 68, right: 151, bottom: 175, left: 44 };
const CNN_BOX: Box = { top: 59, right: 140, bottom: 158, left: 42 };
/** What dlib's own layers (`engine: 'reference'`) say of the face in {@link HOG_BOX}. */
const ENCODING: readonly number[] = [
  -0.13502, 0.082453, 0.024356, -0.022806, -0.098848, 0.010425, -0.076416, -0.077074, 0.127562, -0.102346,
  0.154188, 0.008778, -0.179121, 0.037603, -0.001696, 0.104297, -0.195388, -0.127518, -0.038598, -0.030352,
  -0.001777, 0.057998, 0.053984, 0.036894, -0.142557, -0.337009, -0.139649, -0.053697, 0.051199, -0.025267,
  0.017471, 0.033416, -0.146735, 0.0287, 0.013067, 0.079641, -0.096704, -0.125542, 0.253994, 0.042337,
  -0.187795, -0.010901, 0.019471, 0.243227, 0.143789, -0.036304, 0.027506, -0.06791, 0.159027, -0.22169,
  0.092947, 0.170457, 0.114278, 0.119228, 0.047604, -0.080871, 0.022774, 0.187179, -0.153046, 0.025605,
  -0.027033, -0.015309, 0.060028, -0.077176, 0.165685, 0.16097, -0.063149, -0.161875, 0.139347, -0.133686,
  -0.099204, 0.103437, -0.103346, -0.220433, -0.242566, 0.053857, 0.291793, 0.135155, -0.091202, 0.029259,
  0.00342, -0.125256, -0.000494, 0.117005, -0.139268, 0.018772, -0.037337, 0.035992, 0.281308, -0.013526,
  -0.070479, 0.237826, 0.030217, 0.056445, 0.078296, 0.050003, -0.044364, -0.017898, -0.122063, -0.015475,
  0.055071, -0.078618, -0.032007, 0.104574, -0.172685, 0.171999, -0.01165, -0.031914, -0.010723, 0.002993,
  -0.125794, -0.023989, 0.168281, -0.230773, 0.171156, 0.131158, 0.024745, 0.162329, 0.083694, 0.04764,
  -0.028469, -0.033656, -0.134559, -0.049746, 0.133106, 0.029262, 0.01476, 0.04684,
];
/** What encodings may differ by between processors; also the promise about the Python project's. */
const TOLERANCE = 1e-5;

/** What the self-test found. */
export interface SelfTestResult {
  /** Whole sentences; none if all is well. */
  readonly wrong: readonly string[];
  /** By how much a value of the encoding differs at most; `null` where no face was found. */
  readonly difference: number | null;
}

/**
 * Finds, with both detectors, and encodes the face of a drawing: the native part and all three models have to work
 * together. Takes less than a second and less than 150 MB.
 * @param models folder of the model files
 * @throws FaceError as {@link FaceEngine} does
 */
export async function selfTest(models: string): Promise<SelfTestResult> {
  const engine = new FaceEngine({ models, jobs: 1 });
  try {
    const drawing = drawFace();
    const byHog = await engine.detectAndEncode(drawing, { method: 'hog' });
    const byCnn = await engine.detect(drawing, { method: 'cnn' });
    const encoding = byHog[0]?.encoding;
    const difference = encoding === undefined ? null : greatestDifference(encoding, ENCODING);
    return {
      wrong: [
        ...wrongBoxes('hog', byHog, HOG_BOX),
        ...wrongBoxes('cnn', byCnn, CNN_BOX),
        // Not "greater than": what is not a number is wrong, too.
        ...(difference === null || difference <= TOLERANCE
          ? []
          : [
              `The encoding differs by ${difference} from the known one, more than the ${TOLERANCE} allowed.`,
            ]),
      ],
      difference,
    };
  } finally {
    engine.dispose();
  }
}

function wrongBoxes(method: string, faces: readonly { readonly box: Box }[], expected: Box): string[] {
  const found = faces.map(({ box }) => text(box)).join(' and ');
  if (found === text(expected)) return [];
  return [`The ${method} detector found ${found || 'no face'} instead of ${text(expected)}.`];
}

function text({ top, right, bottom, left }: Box): string {
  return `(top ${top}, right ${right}, bottom ${bottom}, left ${left})`;
}

function greatestDifference(a: Float64Array, b: readonly number[]): number {
  let greatest = 0;
  for (let i = 0; i < ENCODING_LENGTH; i++) {
    greatest = Math.max(greatest, Math.abs((a[i] as number) - (b[i] as number)));
  }
  return greatest;
}
