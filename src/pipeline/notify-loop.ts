// notify: alert transitions and silences → messages to people. What is to be told is decided and committed with the offset first, then
// told, then committed as told: a restart knows what may have been told already, looks for that alone, and repeats nothing.
import type { Masker } from '#core/mask/masker.ts';
import type { BookLimits } from '#core/notify/incident-book.ts';
import type { RenderSettings } from '#core/notify/render.ts';
import { compileRouting, defaultRouting, defaultTarget, type RoutingConfig } from '#core/notify/routing.ts';
import type { Messenger } from '#ports/messenger.ts';
import type { ConsumeOptions } from '#ports/record-stream.ts';
import { type DeliverySettings, deliveryDefaults } from './delivery.ts';
import type { LoopDeps } from './loop-deps.ts';
import { NotifyPartition } from './notify-partition.ts';
import type { TopicNames } from './topics.ts';

/** Settings of notify. */
export interface NotifySettings extends DeliverySettings {
  readonly names: TopicNames;
  readonly render: RenderSettings;
  /** Every text of a message that comes from lines or rules goes through it. */
  readonly masker: Masker;
  /** Who is told of which alerts, grouped how. */
  readonly routing: RoutingConfig;
  /** Incidents of one partition that are remembered; beyond it the oldest is forgotten and its end is not shown. */
  readonly maxOpenIncidents: number;
  readonly book: Omit<BookLimits, 'maxIncidents'>;
  readonly tickMs: number;
  /** How often what waits, is held back or is to be repeated is looked at, milliseconds. */
  readonly reviewMs: number;
}

/** Everything but the names of topics, how messages read and what is masked in them. */
export const notifyDefaults: Omit<NotifySettings, 'names' | 'render' | 'masker'> = {
  ...deliveryDefaults,
  routing: defaultRouting,
  // More alerts at once than anybody reads, at about 3 KB each.
  maxOpenIncidents: 10_000,
  book: {
    // Ten are listed; a hundred of 3 KB fit a record of Kafka.
    maxAlerts: 100,
    maxSilences: 1000,
    // Time enough to extend it, and to look who asked for it.
    silenceNoticeMs: 900_000,
    // The night before is still there in the morning.
    keepExpiredMs: 86_400_000,
  },
  tickMs: 1000,
  reviewMs: 1000,
};

/** What notify needs. `fallback` takes what a messenger refuses for good: nothing is lost in silence. */
export interface NotifyDeps extends LoopDeps {
  /** The place `default`. */
  readonly messenger: Messenger;
  readonly fallback: Messenger;
  /** The other places, by the ids that the routing names. */
  readonly receivers?: ReadonlyMap<string, Messenger>;
}

/** The notify loop, to be run by a record stream. */
export function createNotifyLoop(settings: NotifySettings, deps: NotifyDeps): ConsumeOptions {
  const routing = compileRouting(settings.routing);
  const named = new Set(Object.values(settings.routing.receivers).flat());
  const all: readonly (readonly [string, Messenger])[] = [[defaultTarget, deps.messenger], ...(deps.receivers ?? [])];
  // A place that no route leads to would look like one that is well while all others are away.
  const places = new Map(all.filter(([id]) => named.has(id)));
  return {
    loop: 'notify',
    topics: [settings.names.alerts],
    stateTopic: settings.names.notifyState,
    tickMs: settings.tickMs,
    open: (opened) => {
      if (opened.partitionCount > 1 && settings.routing !== defaultRouting) {
        deps.logger.warn(
          'the alerts topic has several partitions: groups and inhibitions see those of their own alone',
          {
            topic: opened.origin.topic,
            partitions: opened.partitionCount,
          },
        );
      }
      const processor = new NotifyPartition(settings, { ...deps, routing, places }, opened);
      return Promise.resolve({ processor, startOffset: opened.committedOffset ?? 'earliest' });
    },
  };
}
