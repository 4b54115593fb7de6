/** What the words of `sort --strictness` stand for: thresholds of linkage with mirror images; measured, see docs/grouping.md. */
export const STRICTNESS = { strict: 0.52, normal: 0.56, loose: 0.6 } as const;
