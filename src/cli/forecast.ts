import type { DetectionMethod } from '../base/types';
import type { EncodeForecast } from '../encode/time-left';
import { count } from './terminal/text';

/**
 * What a user is told of the time that the rest of the photos takes.
 * @param chosen how faces are looked for
 */
export function describeForecast(
  { photosLeft, framesLeft, secondsLeft, instead }: EncodeForecast,
  chosen: DetectionMethod,
): string {
  // Nobody counts frames.
  const left = framesLeft > 0 ? 'rest' : `other ${count(photosLeft, 'photo')}`;
  const rest = `The ${left} will take about ${roughly(secondsLeft)}.`;
  if (instead.length === 0) return rest;
  const ways = instead.map(({ method, detectSize, secondsLeft }) =>
    method === chosen
      ? `about ${roughly(secondsLeft)} with --detect-size ${detectSize}, which misses small faces on large photos`
      : `about ${roughly(secondsLeft)} with -d ${method}, which misses faces that are turned`,
  );
  return `${rest} It would be ${ways.join(', and ')}. For that, press Ctrl-C and start again with it.`;
}

/** `50 s`, `12 min`, `3.5 h`, `40 h`: no more than is known. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  const hours = seconds / 3600;
  return `${hours < 9.95 ? Number(hours.toFixed(1)) : Math.round(hours)} h`;
}
