// `npm run bench [NAME…]`: runs benchmarks and prints their tables. Never fails on a time. `accuracy` and `backtest` take what comes behind as their own
// arguments.
import { benchAccuracy } from './accuracy/accuracy.bench.ts';
import { benchBacktest } from './backtest.bench.ts';
import { benchCollect } from './collect.bench.ts';
import { benchCount } from './count.bench.ts';
import { benchDecode } from './decode.bench.ts';
import { benchDocuments } from './documents.bench.ts';
import { benchEvaluate } from './evaluate.bench.ts';
import { benchMemory } from './memory.bench.ts';

const benches: Readonly<Record<string, () => Promise<string>>> = {
  decode: benchDecode,
  count: benchCount,
  evaluate: benchEvaluate,
  memory: benchMemory,
  backtest: () => benchBacktest(),
  documents: benchDocuments,
  collect: benchCollect,
  accuracy: benchAccuracy,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (wanted[0] === 'backtest') {
  console.log(await benchBacktest(wanted.slice(1)));
} else if (wanted[0] === 'accuracy') {
  console.log(await benchAccuracy(wanted.slice(1)));
} else if (unknown.length > 0) {
  console.error(`no benchmark “${unknown.join('”, “')}”: there are ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(benches)) {
    console.log(`\n== ${name}\n${await benches[name]?.()}`);
  }
}
