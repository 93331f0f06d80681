// Classification: the first reading of what broke and who has to act, from ONE line alone. Third stage; correlate sharpens it.
import type { AccessLogRecord } from '#core/access-log/record.ts';
import { attribute } from '#core/attribute/attribute.ts';
import type { Traffic } from '#core/attribute/traffic.ts';
import type { Classification } from './classification.ts';
import { faultParties } from './classification.ts';
import type { LineView, Reading, ReadLine } from './line-view.ts';
import { ambiguous, certain, likely, toLineView } from './line-view.ts';
import { readCode } from './read-code.ts';
import { readDeparture } from './read-downstream.ts';
import { readFlaggedRefusal, readFlaglessRefusal, readLocalAnswer } from './read-refusal.ts';
import { readUpstreamFlag } from './read-upstream.ts';
import { isKnownFlag } from './response-flags.ts';

/** In the order in which evidence decides: the proxy's own decisions, its upstream, its downstream, unflagged answers. */
const readings: readonly ReadLine[] = [
  readFlaglessRefusal,
  readFlaggedRefusal,
  readUpstreamFlag,
  readDeparture,
  readLocalAnswer,
];

/**
 * Reads one line: flags, code, response code details, termination details and transport failure reason together. Never
 * looks at paths, authorities or user agents. `traffic` is that of the same record where the caller has it already.
 */
export function classify(record: AccessLogRecord, traffic?: Pick<Traffic, 'reporter'>): Classification {
  const { reporter } = traffic ?? attribute(record);
  const { fault, confidence } = readLine(toLineView(record, reporter));
  return { flags: record.responseFlags, fault, party: faultParties[fault], confidence };
}

/** Whether the request failed as far as this line tells: its fault is neither `none` nor `client_error`. */
export function isFailure(record: AccessLogRecord, traffic?: Pick<Traffic, 'reporter'>): boolean {
  const { fault } = classify(record, traffic);
  return fault !== 'none' && fault !== 'client_error';
}

function readLine(line: LineView): Reading {
  for (const read of readings) {
    const reading = read(line);
    if (reading !== null) return weigh(line, reading);
  }
  const reading = readCode(line);
  // A delay that the mesh injected is a fault of its own where nothing else is wrong.
  if (line.flags.includes('DI') && reading.fault === 'none') return weigh(line, certain('injected'));
  return line.flags.some((flag) => !isKnownFlag(flag)) ? ambiguous(reading.fault) : weigh(line, reading);
}

// These only go with what decided: URX says that retries did not help, RFCF where the answer came from.
const companions = new Set(['URX', 'RFCF']);

/** A second flag that could have decided makes a certain reading a likely one: which was first, the line does not say. */
function weigh(line: LineView, reading: Reading): Reading {
  if (reading.confidence !== 'certain' || line.flags.length < 2) return reading;
  const isCompanion = (flag: string) => companions.has(flag) || (flag === 'DI' && reading.fault === 'injected');
  const deciding = line.flags.filter((flag) => !isCompanion(flag)).length;
  return deciding > 1 ? likely(reading.fault) : reading;
}
