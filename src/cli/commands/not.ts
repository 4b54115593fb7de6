import type { InferredOptionTypes } from 'yargs';
import { type Command, PLACES, withOptions } from '../options';
import { DECIDE_OPTIONS, personOnPhotos, runDecision, titleOf, WHO } from '../people-command';
import { count } from '../terminal/text';

const options = {
  ...DECIDE_OPTIONS,
  'no-face': {
    type: 'boolean',
    default: false,
    describe: 'It is no face at all: a picture on a wall, a lens, a shadow',
  },
} as const;
const PHOTOS = { ...PLACES, describe: 'Photos that do not show that person' } as const;

type Arguments = InferredOptionTypes<typeof options & { who: typeof WHO; photos: typeof PHOTOS }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, who: WHO, photos: PHOTOS }, 'Put a name of several words into quotes.')
      .positional('who', { ...WHO, demandOption: true })
      .positional('photos', { ...PHOTOS, demandOption: true })
      .usage(
        'Usage: $0 not <who> <photos..> [options]\n\n' +
          'Says that photos do not show a person; they never come back to them. To delete the photos from their folder yourself and run ' +
          '"sort" comes to the same: these are second names of your photos, which stay where they are.',
      )
      .example('$0 not Anna Pictures/a.jpg', 'that is not Anna'),
  handler: (argv) =>
    runDecision('not', argv, async (context) => {
      const { person, faces } = await personOnPhotos(context, argv, 'photos');
      await context.people.decide(
        faces.map((face) =>
          argv.noFace ? { do: 'not-a-face', face } : { do: 'not', face, person: person.id },
        ),
      );
      const none = faces.length === 1 ? 'not a face' : 'not faces';
      return [`${count(faces.length, 'face')}: ${argv.noFace ? none : `not ${titleOf(person)}`}.`];
    }),
};
