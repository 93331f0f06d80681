// Readings of a caller that was gone: the flags of which one side alone says least.
import type { LineView, Reading, ReadLine } from './line-view.ts';
import { ambiguous, likely } from './line-view.ts';

/** DC and DR; and HTTP without any response, which is never a success, whatever the flags say. */
export const readDeparture: ReadLine = (line) => {
  if (line.flags.includes('DC') || line.flags.includes('DR')) return readCallerGone(line);
  if (line.isHttp && line.code === 0) return { ...readCallerGone(line), confidence: 'ambiguous' };
  return null;
};

function readCallerGone(line: LineView): Reading {
  // Who waits longer than usual leaves: a delay that the mesh injected comes first.
  if (line.flags.includes('DI')) return likely('injected');
  if (line.reporter === 'destination' && line.isHttp && line.code === 0) {
    // Mostly not the user leaving: the source's proxy gave up first (UT, SI, UMSDR) and closed this stream.
    return ambiguous('timeout');
  }
  const wasRemote = line.details === '' || line.details.includes('remote');
  // Seen from the source the application itself hung up; not certain to be the cause, because an application that is
  // cancelled by its own caller cancels its calls.
  return line.reporter === 'source' && wasRemote ? likely('caller_left') : ambiguous('caller_left');
}
