// The English sentence about a failed request: what happened (the clue); what the caller saw.
import type { Fault } from '#core/classify/classification.ts';
import { renderDuration } from '#core/duration.ts';
import type { FaultStory } from './explain-fault.ts';
import type { FaultScene } from './fault-scene.ts';

/** One sentence. */
export function explainInEnglish(story: FaultStory): string {
  const { fault, head, root, rootFault } = story;
  if (fault === 'dependency') {
    const what = `${callee(head)} answered ${answer(head)} because a call of its own, or one behind it, failed`;
    return capitalized(`${what}: ${clauses[rootFault](root)}${clue(root, rootFault)}; ${seen(head, fault)}.`);
  }
  const waiting = fault === 'timeout' && story.waitingFor !== null ? `, itself waiting for ${story.waitingFor}` : '';
  return capitalized(`${clauses[fault](head)}${waiting}${clue(head, fault)}; ${seen(head, fault)}.`);
}

const caller = (scene: FaultScene): string => scene.caller ?? 'the caller';
const callee = (scene: FaultScene): string => scene.callee ?? 'the called service';
const callersProxy = (scene: FaultScene): string => `${caller(scene)}’s proxy`;
/** The proxy whose line settles it. */
const proxy = (scene: FaultScene): string =>
  scene.decidedBy === 'caller' ? callersProxy(scene) : `${callee(scene)}’s sidecar`;
/** Who was called, where the caller's proxy knows: its line has no upstream that would say so. */
const lost = (scene: FaultScene): string =>
  scene.decidedBy === 'caller' && scene.callee !== null ? ` to ${scene.callee}` : '';
const answer = (scene: FaultScene): string => (scene.code === 0 ? 'nothing' : String(scene.code));

const clauses: Readonly<Record<Fault, (scene: FaultScene) => string>> = {
  none: (scene) => `${callee(scene)} answered ${answer(scene)}`,
  client_error: (scene) => `${callee(scene)} answered ${answer(scene)}`,
  app_error: (scene) => {
    if (scene.decidedBy === 'caller')
      return `${callee(scene)} answered ${answer(scene)}, and no line of its own tells why`;
    const attempts = scene.attemptCount > 1 ? `, on each of ${scene.attemptCount} attempts` : '';
    return `${callee(scene)} itself answered ${answer(scene)}${attempts}`;
  },
  app_down: (scene) => `${callee(scene)}’s sidecar is up, but its application takes no connection`,
  app_closed: (scene) =>
    isReset(scene)
      ? `${callee(scene)} reset the stream before it answered`
      : `${callee(scene)} closed the connection before it answered`,
  app_truncated: (scene) => `${callee(scene)} broke off in the middle of its answer`,
  app_protocol: (scene) => `${callee(scene)} answered something that is not valid HTTP`,
  timeout: (scene) =>
    scene.code >= 100 && scene.code < 400
      ? `${callee(scene)} had not finished its answer after ${renderDuration(scene.durationMs)}, the limit of ${proxy(scene)}`
      : `${callee(scene)} had not answered after ${renderDuration(scene.durationMs)}, the limit of ${proxy(scene)}`,
  circuit_open: (scene) =>
    `${proxy(scene)} let no more through to ${callee(scene)}, because the connections or requests to it were at their limit`,
  unreachable: (scene) => `${proxy(scene)} could not connect to ${callee(scene)}${connectReason(scene)}`,
  no_endpoint: (scene) => `there was no healthy endpoint of ${callee(scene)} to send the request to`,
  no_route: (scene) => `${proxy(scene)} has no route for the request${lost(scene)}`,
  no_cluster: (scene) => `${proxy(scene)} has a route to a cluster or subset that does not exist`,
  egress_blocked: (scene) => `${caller(scene)} called a host outside the mesh’s registry, which is not allowed`,
  tls: (scene) =>
    scene.decidedBy === 'callee'
      ? `${callersProxy(scene)} did not speak the mTLS that ${callee(scene)} insists on`
      : `${callersProxy(scene)} and ${callee(scene)} could not agree on TLS`,
  dns: (scene) => `${proxy(scene)} could not resolve the name of ${callee(scene)}`,
  shed: (scene) => `${proxy(scene)} dropped the request by an overload or drop policy`,
  injected: (scene) =>
    scene.flags.includes('DI')
      ? `a fault injection at ${proxy(scene)} delayed the request`
      : `a fault injection at ${proxy(scene)} aborted the request`,
  max_duration: (scene) => `${proxy(scene)} ended the connection because it had lived for longer than is allowed`,
  denied: (scene) => `${proxy(scene)} denied the request by policy`,
  rate_limited: (scene) => `${proxy(scene)} refused the request because it was over the rate limit`,
  limiter_down: (scene) => `${proxy(scene)} refused the request because the rate limit service did not answer`,
  caller_left: (scene) => `${caller(scene)} left before ${callee(scene)} had answered in full`,
  caller_protocol: (scene) =>
    `${caller(scene)} sent a request that ${scene.decidedBy === 'caller' ? 'its own proxy' : proxy(scene)} could not accept`,
  caller_stalled: (scene) => `${caller(scene)} stopped in the middle of sending its request`,
  dependency: (scene) => `a call of ${callee(scene)} failed`,
};

function clue(scene: FaultScene, fault: Fault): string {
  if (scene.flags === '') return '';
  if (fault === 'caller_left' && scene.departure !== null) return ` (${scene.flags} on both sides)`;
  const at = scene.decidedBy === 'caller' ? `at ${callersProxy(scene)}` : 'at its own sidecar';
  const departure =
    scene.departure === null || scene.departure === ''
      ? ''
      : `, which is why ${callee(scene)}’s own sidecar shows ${scene.departure}`;
  return ` (${scene.flags} ${at}${departure})`;
}

function seen(scene: FaultScene, fault: Fault): string {
  const { callerSaw } = scene;
  if (callerSaw === null) return 'the caller’s own proxy left no line';
  if (!scene.isHttp) return `the connection of ${caller(scene)} failed`;
  if (fault === 'caller_left') return callerSaw === 0 ? 'no answer was sent' : 'only a part of the answer was sent';
  if (callerSaw === 0) return `${caller(scene)} saw no answer`;
  if (callerSaw >= 400) return `${caller(scene)} saw ${callerSaw}`;
  if (fault === 'injected') return `${caller(scene)} saw ${callerSaw}, late`;
  const isCut = fault === 'app_truncated' || fault === 'timeout' || fault === 'max_duration';
  return isCut
    ? `${caller(scene)} saw ${callerSaw} and a part of the answer`
    : `${caller(scene)} saw ${callerSaw} all the same`;
}

function isReset(scene: FaultScene): boolean {
  return scene.flags.split(',').includes('UR');
}

function connectReason(scene: FaultScene): string {
  if (/refused/i.test(scene.details)) return ', which refused';
  return /timeout/i.test(scene.details) ? ', which did not respond in time' : '';
}

function capitalized(sentence: string): string {
  // Names of services stay as they are; what this file begins a sentence with does not.
  return /^(?:the|there|a) /.test(sentence) ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence;
}
