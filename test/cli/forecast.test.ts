import { describeForecast } from '../../src/cli/forecast';

const forecast = { photosLeft: 9992, framesLeft: 0, secondsLeft: 40 * 3600, instead: [] };
const hog = { method: 'hog', secondsLeft: 3600 } as const;
const reduced = { method: 'cnn', detectSize: 1600, secondsLeft: 5.2 * 3600 } as const;

test('how long the rest takes', () => {
  expect(describeForecast({ ...forecast, secondsLeft: 754 }, 'cnn')).toBe(
    'The other 9,992 photos will take about 13 min.',
  );
  expect(describeForecast({ ...forecast, framesLeft: 9000, secondsLeft: 754 }, 'cnn')).toBe(
    'The rest will take about 13 min.',
  );
});

test.each([
  [61, '61 s'],
  [100, '2 min'],
  [5000, '83 min'],
  [7200, '2 h'],
  [12_540, '3.5 h'],
  [35_900, '10 h'],
])('%d seconds are told as %s: nobody knows it better', (secondsLeft, text) => {
  expect(describeForecast({ ...forecast, secondsLeft }, 'cnn')).toContain(`about ${text}.`);
});

test('and how long it would take in quicker ways, what they miss, and what to do for that', () => {
  expect(describeForecast({ ...forecast, instead: [hog, reduced] }, 'cnn')).toBe(
    'The other 9,992 photos will take about 40 h. It would be about 60 min with -d hog, which misses faces that are ' +
      'turned, and about 5.2 h with --detect-size 1600, which misses small faces on large photos. For that, press Ctrl-C and ' +
      'start again with it.',
  );
});

test.each([
  ['hog with the same size', { ...hog, detectSize: 1600 }, 'cnn', '-d hog,'],
  ['a size with hog', { ...reduced, method: 'hog' }, 'hog', '--detect-size 1600,'],
] as const)('the option that makes the difference is named: %s', (_, way, chosen, option) => {
  const text = describeForecast({ ...forecast, instead: [way] }, chosen);
  expect(text.match(/ -[^ ]+ [^ ]+/g)).toEqual([` ${option}`]);
});
