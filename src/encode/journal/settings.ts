import type { DetectionMethod } from '../../base/types';
import { modelManifest } from '../../models/manifest';
import { sha256 } from '../../system/sha256';

/** All that a photo's faces depend on, beside its bytes. */
export interface EncodeSettings {
  readonly method: DetectionMethod;
  readonly upsample: number;
  readonly numJitters: number;
  /** Absent where photos are looked at as they are: so it is in journals of versions that knew nothing else. */
  readonly detectSize?: number;
  /** SHA-256 of the model files used; the engine takes no others than those of the manifest. */
  readonly models: Readonly<Record<string, string>>;
  /** {@link RESULTS_REVISION} */
  readonly revision: number;
}

/**
 * To be raised by every change of this package after which some photo gives other faces, boxes or numbers than before.
 * Results that bear another revision are not used again.
 */
const RESULTS_REVISION = 3;

/** What of it the user decides. */
export type EncodeChoices = Pick<EncodeSettings, 'method' | 'upsample' | 'numJitters' | 'detectSize'>;

/** The settings of a run with this version of the package. */
export function encodeSettings({ method, upsample, numJitters, detectSize }: EncodeChoices): EncodeSettings {
  const models = modelManifest().models.map((model) => [model.role, model.sha256] as const);
  return {
    method,
    upsample,
    numJitters,
    ...(detectSize !== undefined && { detectSize }),
    models: Object.fromEntries(models.sort(([a], [b]) => (a < b ? -1 : 1))),
    revision: RESULTS_REVISION,
  };
}

/** Tells settings apart: 16 hexadecimal digits. */
export function settingsId(settings: EncodeSettings): string {
  return sha256(JSON.stringify(settings)).slice(0, 16);
}
