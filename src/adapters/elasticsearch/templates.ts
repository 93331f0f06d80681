// Composable index templates, one for each kind of document: what `setup` puts, so that each day's index is made right.
import {
  alertProperties,
  lineProperties,
  requestProperties,
  windowBlockProperties,
  windowProperties,
} from './mappings.ts';

/** Settings of the indices. */
export interface TemplateSettings {
  /** First part of every index's name: lower case, no `*`. The same as the loop's. */
  readonly indexPrefix: string;
  /** Primary shards of a day's index of lines; the others are small and have one. */
  readonly shards: number;
  readonly replicas: number;
  /** How soon documents can be found, milliseconds; each refresh costs. */
  readonly refreshIntervalMs: number;
  /** `best_compression` takes less disk and more CPU (zstd). */
  readonly codec: 'default' | 'best_compression';
}

/** A template as it is put. */
export interface IndexTemplate {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Above Elastic's own templates (100 and 200), so that none of theirs takes our indices. */
const priority = 500;

/** The templates of `<prefix>-lines`, `-requests`, `-windows`, `-window-blocks` and `-alerts`. */
export function indexTemplates(settings: TemplateSettings): readonly IndexTemplate[] {
  const { indexPrefix, shards } = settings;
  return [
    template(`${indexPrefix}-lines`, lineProperties, shards, settings),
    template(`${indexPrefix}-requests`, requestProperties, 1, settings),
    template(`${indexPrefix}-windows`, windowProperties, 1, settings),
    template(`${indexPrefix}-window-blocks`, windowBlockProperties, 1, settings),
    template(`${indexPrefix}-alerts`, alertProperties, 1, settings),
  ];
}

function template(name: string, properties: object, shards: number, settings: TemplateSettings): IndexTemplate {
  const index = {
    number_of_shards: shards,
    number_of_replicas: settings.replicas,
    refresh_interval: `${settings.refreshIntervalMs}ms`,
    codec: settings.codec,
  };
  return {
    name,
    body: {
      index_patterns: [`${name}-*`],
      priority,
      template: { settings: { index }, mappings: { dynamic: false, properties } },
      _meta: { description: 'Written by flagwatch setup; changes made here are lost when it runs again.' },
    },
  };
}
