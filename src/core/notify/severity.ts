// The order of severities: who is woken first. Severity is a label that rules choose; these words have an order.
const ranks: Readonly<Record<string, number>> = { page: 3, critical: 3, error: 2, warning: 2, info: 1 };

/** 0 for none or an unknown word, 3 for what wakes people. */
export function severityRank(severity: string | undefined): number {
  return severity !== undefined && Object.hasOwn(ranks, severity) ? (ranks[severity] ?? 0) : 0;
}
