/*
 * What requests look like, as JSON schemas of `api-types.ts`. Whether there is such a person or face, and what names are, is
 * known to the session.
 */

const LABEL = { type: 'integer', minimum: -2, maximum: 2 ** 31 - 1 };
/** Of faces and photos: nothing of it is part of a path. */
const ID = { type: 'string', pattern: '^[\\w~-]{1,128}$' };
const FACES = { type: 'array', items: ID, minItems: 1, maxItems: 100_000 };
const NAME = { type: 'string' };

const object = (properties: Readonly<Record<string, object>>, ...optional: readonly string[]) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const decision = (
  what: readonly string[],
  properties: Readonly<Record<string, object>>,
  ...optional: string[]
) => object({ do: { enum: what }, ...properties }, ...optional);

export const DECISIONS = object({
  decisions: {
    type: 'array',
    minItems: 1,
    maxItems: 10_000,
    items: {
      type: 'object',
      required: ['do'],
      discriminator: { propertyName: 'do' },
      oneOf: [
        decision(['name'], { person: LABEL, name: NAME }),
        decision(['unname', 'hide', 'show'], { person: LABEL }),
        decision(['merge'], { person: LABEL, into: LABEL }),
        decision(['differ'], { person: LABEL, other: LABEL }),
        decision(['split'], { faces: FACES, name: NAME }, 'name'),
        decision(['is', 'not'], { faces: FACES, person: LABEL }),
        decision(['not-a-face'], { faces: FACES }),
        decision(['cover'], { face: ID }),
      ],
    },
  },
});

export const UNDO = object({ gesture: { type: 'integer', minimum: 1 } }, 'gesture');

/** See `PixelBox`: a little beyond the largest photo that is read. */
const PIXEL = { type: 'integer', minimum: -100_000, maximum: 1_000_000 };

export const FACE = object({
  photo: ID,
  box: { type: 'array', items: PIXEL, minItems: 4, maxItems: 4 },
});

export const ID_IN_PATH = object({ id: ID });
export const LABEL_IN_PATH = object({ label: { type: 'string', pattern: '^-?\\d{1,9}$' } });
export const PAGE_IN_PATH = object({
  kind: { enum: ['faces', 'photos'] },
  n: { type: 'string', pattern: '^\\d{1,9}$' },
});
export const REVISION = object({ revision: { type: 'string', pattern: '^\\d{1,15}$' } });
