/** The mean of encodings, of which there is at least one. */
export function centreOf(encodings: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(encodings[0]?.length ?? 0);
  for (const encoding of encodings) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (encoding[i] as number);
  }
  return sum.map((value) => value / encodings.length);
}
