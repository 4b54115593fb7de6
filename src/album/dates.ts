import { invalidArgument } from '../base/validate';

/** Days from one to another, both included, each given as a day, a month or a year. */
export interface Dates {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** @throws FaceError FACE_INVALID_ARGUMENT */
export function checkDates({ from, until }: Dates): Dates {
  if (from !== undefined) checkDate('from', from);
  if (until !== undefined) checkDate('until', until);
  if (from !== undefined && until !== undefined && !isWithin(from, { until })) {
    throw invalidArgument('until', `a date that is not before ${from}`, until);
  }
  return { from, until };
}

/** Whether a photo was taken on one of these days, by the camera's clock. @param taken see `PhotoFacts` */
export function isWithin(taken: string, { from = '', until = '9999' }: Dates): boolean {
  return taken.slice(0, from.length) >= from && taken.slice(0, until.length) <= until;
}

function checkDate(name: string, value: unknown): void {
  const [, year, month = '01', day = '01'] =
    /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(typeof value === 'string' ? value : '') ?? [];
  const whole = `${year}-${month}-${day}`;
  const time = new Date(`${whole}T00:00:00Z`);
  if (year !== undefined && !Number.isNaN(time.valueOf()) && time.toISOString().startsWith(whole)) return;
  throw invalidArgument(name, 'a day, a month or a year, such as 2024-07-14, 2024-07 or 2024,', value);
}
