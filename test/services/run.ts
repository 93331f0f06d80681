// `npm run services`: starts Kafka, Elasticsearch and the Slack stand-in, prints the environment lines that point
// flagwatch at them, and stops them on Ctrl-C. `-- --brokers 3` starts three brokers. Their data is thrown away.
import { parseArgs } from 'node:util';
import { startElasticsearch } from './elasticsearch.ts';
import { startKafka } from './kafka.ts';
import { startSlackStandIn } from './slack-stand-in.ts';

interface Stoppable {
  stop(): Promise<void>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { brokers: { type: 'string', default: '1' } } });
  const { brokers } = values;
  if (brokers !== '1' && brokers !== '3') throw new RangeError(`--brokers ${brokers}: must be 1 or 3`);
  const started: Stoppable[] = [];
  const keep = async <Service extends Stoppable>(starting: Promise<Service>): Promise<Service> => {
    const service = await starting;
    started.push(service);
    return service;
  };
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((service) => service.stop()));
  };
  const end = untilSignal();
  process.stderr.write('starting Kafka, Elasticsearch and the Slack stand-in (the first time, Maven fetches 90 MB)\n');
  const all = await Promise.allSettled([
    keep(startKafka({ brokers: brokers === '3' ? 3 : 1 })),
    keep(startElasticsearch()),
    keep(startSlackStandIn()),
  ]);
  const [kafka, elasticsearch, slack] = all;
  if (kafka.status === 'rejected' || elasticsearch.status === 'rejected' || slack.status === 'rejected') {
    await stopAll();
    const reasons = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    throw new AggregateError(reasons, reasons.map(String).join('\n'));
  }
  process.stdout.write(
    [
      `export KAFKA_BROKERS=${kafka.value.brokers.join(',')}`,
      `export ELASTICSEARCH_URL=${elasticsearch.value.url}`,
      `export SLACK_API_URL=${slack.value.url}`,
      `export SLACK_BOT_TOKEN=${slack.value.token}`,
      `# what Slack was told: ${slack.value.origin}/_inspect`,
      '# Ctrl-C stops all three\n',
    ].join('\n'),
  );
  await end;
  await stopAll();
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    // A timer keeps this process alive: where all services are external, nothing else would.
    const alive = setInterval(() => {}, 60_000);
    const finish = (): void => {
      clearInterval(alive);
      resolve();
    };
    process.once('SIGINT', finish);
    process.once('SIGTERM', finish);
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
