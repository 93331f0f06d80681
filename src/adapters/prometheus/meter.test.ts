import { describe, expect, it } from 'vitest';
import { metrics } from '#telemetry/metrics.ts';
import { createPrometheusMeter } from './meter.ts';

const newMeter = () => createPrometheusMeter(Object.values(metrics), { withProcessMetrics: false });

describe('PrometheusMeter', () => {
  it('shows every metric of the catalogue from the first scrape, with its help', async () => {
    const text = await newMeter().render();
    for (const { name, help, kind } of Object.values(metrics)) {
      expect(text).toContain(`# HELP ${name} ${help}`);
      expect(text).toContain(`# TYPE ${name} ${kind}`);
    }
  });

  it('adds, sets and observes under labels', async () => {
    const meter = newMeter();
    meter.add(metrics.lines, 3, { topic: 't', outcome: 'counted' });
    meter.add(metrics.lines, 2, { topic: 't', outcome: 'skipped' });
    meter.set(metrics.rules, 8);
    meter.observe(metrics.commitSeconds, 0.02, { loop: 'collect' });
    const text = await meter.render();
    expect(text).toContain('flagwatch_lines_total{topic="t",outcome="counted"} 3');
    expect(text).toContain('flagwatch_rules 8');
    expect(text).toContain('flagwatch_commit_seconds_bucket{le="0.025",loop="collect"} 1');
    expect(await meter.total(metrics.lines)).toBe(5);
  });

  it('refuses what is not in the catalogue', () => {
    const stray = { name: 'stray_total', help: '', kind: 'counter', labels: [] } as const;
    expect(() => newMeter().add(stray, 1)).toThrow('stray_total is not in the catalogue');
  });

  it('names metrics as Prometheus recommends: counters end in _total', () => {
    for (const { name, kind } of Object.values(metrics)) expect(name.endsWith('_total')).toBe(kind === 'counter');
  });
});
