import { createRequire } from 'node:module';
import { type LogEntry, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import type { Logger } from '#ports/logger.ts';
import { harmlessTexts, logEntry } from './kafka-client.ts';

const { errorCodes } = createRequire(import.meta.url)('kafkajs/src/protocol/error');

function levelOf(log: Readonly<Record<string, unknown>>, entry: Partial<LogEntry> = {}): string {
  const seen: string[] = [];
  const logger: Logger = {
    debug: () => seen.push('debug'),
    info: () => seen.push('info'),
    warn: () => seen.push('warn'),
    error: () => seen.push('error'),
    child: () => logger,
  };
  const content = { timestamp: '', message: '', ...log };
  logEntry(logger, { namespace: 'Consumer', level: logLevel.ERROR, label: 'ERROR', log: content, ...entry });
  return seen.join();
}

describe('logEntry', () => {
  it.each([
    'GROUP_LOAD_IN_PROGRESS',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR_FOR_GROUP',
    'CONCURRENT_TRANSACTIONS',
  ])('lowers %s, which is tried again, to debug', (type) => {
    const { message } = errorCodes.find((entry: { type: string }) => entry.type === type);
    expect(harmlessTexts).toContain(message);
    expect(levelOf({ message })).toBe('debug');
    expect(levelOf({ message: 'Response InitProducerId', error: message })).toBe('debug');
    expect(levelOf({ message: `Failed to send messages: ${message}` })).toBe('debug');
  });

  it('warns of other errors, and leaves the story to us', () => {
    expect(levelOf({ message: 'something new' })).toBe('warn');
    expect(levelOf({ message: 'something new' }, { level: logLevel.WARN })).toBe('warn');
    expect(levelOf({ message: 'Consumer has joined the group' }, { level: logLevel.INFO })).toBe('debug');
    expect(levelOf({ message: 'Connection error: x' }, { namespace: 'Connection' })).toBe('debug');
  });
});
