// A thread that plays some of the services of a past: begun by slot-jobs.ts with the rules, then given slot after slot.
import { parentPort, workerData } from 'node:worker_threads';
import { AdapterError } from '#ports/adapter-error.ts';
import type { PlannedSlot } from './closing-plan.ts';
import type { JobAnswer, JobStart } from './slot-jobs.ts';
import { SlotPlayer } from './slot-player.ts';

if (parentPort === null) throw new Error('this is the main module of a thread');
const port = parentPort;
const { sets, settings } = workerData as JobStart;
const player = new SlotPlayer(sets, settings);

function play(slot: PlannedSlot): JobAnswer {
  try {
    return { kind: 'played', played: player.play(slot) };
  } catch (error) {
    // A bug ends the thread, and with it the command.
    if (!(error instanceof AdapterError)) throw error;
    return { kind: 'failed', code: error.code, message: error.message };
  }
}

port.on('message', (slot: PlannedSlot) => port.postMessage(play(slot)));
