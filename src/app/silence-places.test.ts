import { expect, it } from 'vitest';
import { systemClock } from '#adapters/system/clock.ts';
import { defaultSettings } from '#config/load-settings.ts';
import { silentLogger } from '#ports/logger.ts';
import { findSilencePlaces } from './silence-places.ts';

function find(listen: string, url: string | null = null) {
  const settings = defaultSettings();
  const found = findSilencePlaces({ ...settings, http: { ...settings.http, listen } }, url, {
    logger: silentLogger,
    clock: systemClock,
  });
  return 'problem' in found ? found.problem : found.places.map(({ name }) => name).join();
}

it('finds the flagwatch that the settings would start on this machine', () => {
  expect(find('127.0.0.1:9464')).toBe('http://127.0.0.1:9464');
  expect(find('0.0.0.0:9000')).toBe('http://127.0.0.1:9000');
  expect(find('[::]:9000')).toBe('http://[::1]:9000');
  expect(find('flagwatch-0:9464')).toBe('http://flagwatch-0:9464');
  expect(find('127.0.0.1:0')).toContain('--url');
});

it('takes an address before everything else, if it is one', () => {
  expect(find('127.0.0.1:0', 'https://flagwatch.example/base/')).toBe('https://flagwatch.example/base');
  for (const url of ['flagwatch:9464', 'ftp://a', 'http://u:p@a', '']) expect(find('a:1', url)).toContain('no address');
});
