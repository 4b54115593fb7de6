import type { DetectionMethod } from '../base/types';
import type { EncodeForecast } from '../encode/encode-photos';
import { count, duration } from './terminal/text';

/**
 * What a user is told of the time that the rest of the photos takes.
 * @param chosen how faces are looked for
 */
export function describeForecast(
  { photosLeft, secondsLeft, instead }: EncodeForecast,
  chosen: DetectionMethod,
): string {
  const rest = `The other ${count(photosLeft, 'photo')} will take about ${duration(secondsLeft)}.`;
  if (instead.length === 0) return rest;
  const ways = instead.map(({ method, detectSize, secondsLeft }) =>
    method === chosen
      ? `about ${duration(secondsLeft)} with --detect-size ${detectSize}, which misses small faces on large photos`
      : `about ${duration(secondsLeft)} with -d ${method}, which misses faces that are turned`,
  );
  return `${rest} It would be ${ways.join(', and ')}. For that, press Ctrl-C and start again with it.`;
}
