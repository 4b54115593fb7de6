import type { InferredOptionTypes } from 'yargs';
import { UsageError } from '../exit';
import { type Command, PLACES, withOptions } from '../options';
import { DECIDE_OPTIONS, nameGiven, personOnPhotos, runDecision, titleOf, WHO } from '../people-command';
import { count } from '../terminal/text';

const options = {
  ...DECIDE_OPTIONS,
  name: { type: 'string', describe: 'What the other person is called' },
} as const;
const PHOTOS = { ...PLACES, describe: 'Photos that show the other person' } as const;

type Arguments = InferredOptionTypes<typeof options & { who: typeof WHO; photos: typeof PHOTOS }>;

export const command: Command<Arguments> = {
  builder: (yargs) =>
    withOptions(yargs, { ...options, who: WHO, photos: PHOTOS }, 'Put a name of several words into quotes.')
      .positional('who', { ...WHO, demandOption: true })
      .positional('photos', { ...PHOTOS, demandOption: true })
      .usage(
        'Usage: $0 split <who> <photos..> [options]\n\n' +
          'Says that a person is two: on these photos it is somebody else, who gets a folder of their own. To move the photos into a ' +
          'new folder yourself and run "sort" comes to the same.',
      )
      .example('$0 split 3 a.jpg --name Carl', 'the one on a.jpg is Carl'),
  handler: (argv) =>
    runDecision('split', argv, async (context) => {
      const { people } = context;
      const name = argv.name === undefined ? undefined : nameGiven(argv.name);
      const { person, faces } = await personOnPhotos(context, argv, 'photos of the other person');
      if (faces.length === person.faces.length) {
        throw new UsageError(
          `These are all photos of ${titleOf(person)}: give those of the other person, or give ${titleOf(person)} another name.`,
        );
      }
      const [record] = await people.decide([{ do: 'split', faces }]);
      if (record?.do === 'split' && name !== undefined) {
        await people.decide([{ do: 'name', person: record.as, name }], { with: record.id });
      }
      return [
        `${count(faces.length, 'face')} of ${titleOf(person)} ${faces.length === 1 ? 'is' : 'are'} ${name ?? 'somebody else'} now.`,
      ];
    }),
};
