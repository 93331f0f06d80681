import { describe, expect, it } from 'vitest';
import { createLiveStatus } from './live-status.ts';

const erase = '\r\u001b[2K';

class Screen {
  readonly isTTY: boolean;
  readonly columns = 20;
  readonly written: string[] = [];

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.written.push(text);
  }

  /** What a person sees, line by line: what was erased is gone. */
  get lines(): readonly string[] {
    return this.written
      .join('')
      .split('\n')
      .map((line) => line.split(erase).at(-1) ?? '');
  }
}

describe('the live status on a terminal', () => {
  it('rewrites its line', () => {
    const screen = new Screen(true);
    const status = createLiveStatus(screen);
    status.show('1,000 lines');
    status.show('2,000 lines');
    expect(screen.lines).toEqual(['2,000 lines']);
    status.clear();
    expect(screen.lines).toEqual(['']);
  });

  it('steps aside for what is logged, and comes back below it', () => {
    const screen = new Screen(true);
    const status = createLiveStatus(screen);
    status.show('working');
    status.log('an alert');
    status.around(() => screen.write('a box\nof lines\n'));
    expect(screen.lines).toEqual(['an alert', 'a box', 'of lines', 'working']);
  });

  it('comes back also when writing failed', () => {
    const screen = new Screen(true);
    const status = createLiveStatus(screen);
    status.show('working');
    expect(() =>
      status.around(() => {
        throw new Error('broken pipe');
      }),
    ).toThrow('broken pipe');
    expect(screen.lines).toEqual(['working']);
  });

  it('writes nothing extra while it shows nothing', () => {
    const screen = new Screen(true);
    const status = createLiveStatus(screen);
    status.log('one');
    status.clear();
    expect(screen.written).toEqual(['one\n']);
  });

  it('never fills the last column, nor lets a control character through', () => {
    const screen = new Screen(true);
    createLiveStatus(screen).show(`요청 ${'x'.repeat(40)}`);
    expect(screen.lines).toEqual([`요청 ${'x'.repeat(13)}…`]);
    createLiveStatus(screen).show('a\n\u001b[2J');
    expect(screen.lines).toEqual(['a␊␛[2J']);
  });
});

describe('the live status where nobody watches', () => {
  it('is a plain line now and then', () => {
    const screen = new Screen(false);
    let nowMs = 0;
    const status = createLiveStatus(screen, { plainIntervalMs: 5000, nowMs: () => nowMs });
    for (nowMs = 0; nowMs <= 11_000; nowMs += 1000) status.show(`at ${nowMs / 1000}`);
    status.log('an alert');
    status.around(() => screen.write('a box\n'));
    status.clear();
    expect(screen.written).toEqual(['at 0\n', 'at 5\n', 'at 10\n', 'an alert\n', 'a box\n']);
  });
});
