// Makes the messages of incidents: masked first, then rendered, so that nothing is cut in half before it is recognised.
import type { Verdict } from '#core/detect/verdict.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import { maskExamples, maskTransition } from '#core/mask/mask-counts.ts';
import { alertLabels, labelOf } from '#core/notify/alert-matcher.ts';
import type { Incident, IncidentAlert } from '#core/notify/incident.ts';
import type { MessageContent } from '#core/notify/message.ts';
import { renderMessage } from '#core/notify/render.ts';
import { renderIncident, renderReply } from '#core/notify/render-incident.ts';
import { countMasked } from './count-masked.ts';
import type { DeliveryOrder } from './delivery.ts';
import type { LoopDeps } from './loop-deps.ts';
import type { NotifySettings } from './notify-loop.ts';

/** The messages of one partition's incidents. */
export class IncidentMessages {
  readonly #settings: Pick<NotifySettings, 'render' | 'masker'>;
  readonly #deps: LoopDeps;

  constructor(settings: Pick<NotifySettings, 'render' | 'masker'>, deps: LoopDeps) {
    this.#settings = settings;
    this.#deps = deps;
  }

  /** Why a transition cannot be shown: our own record with something else inside than its version promises. `null` if it can. */
  findProblem(transition: AlertTransition): string | null {
    try {
      renderMessage(maskTransition(transition, this.#settings.masker), null, this.#settings.render);
      // What is counted is what is sent.
      this.#settings.masker.takeCounts();
      return null;
    } catch (error) {
      return String(error);
    }
  }

  /** What a place is to be told of an incident. */
  order(incident: Incident, target: string, mustLook: boolean): DeliveryOrder {
    const { masker, render } = this.#settings;
    const masked = this.#mask(incident);
    const content: MessageContent = renderIncident(masked, render);
    const { reply } = incident;
    const text = reply === null ? null : masker.maskNote(renderReply(masked, reply, render));
    countMasked(masker, this.#deps.meter);
    const before = Object.hasOwn(incident.told, target) ? (incident.told[target] ?? null) : null;
    return { content, reply: reply === null || text === null ? null : { id: reply.id, text }, before, mustLook };
  }

  #mask(incident: Incident): Incident {
    const alerts = incident.alerts.map((alert) => this.#maskAlert(alert));
    const [first] = alerts;
    const labels = first === undefined ? {} : alertLabels(first.transition);
    const names = Object.keys(incident.groupLabels);
    return { ...incident, alerts, groupLabels: Object.fromEntries(names.map((name) => [name, labelOf(labels, name)])) };
  }

  #maskAlert(alert: IncidentAlert): IncidentAlert {
    const { masker } = this.#settings;
    const examples = maskExamples(alert.firing.examples, masker);
    const masked = maskTransition(alert.transition, masker);
    const transition = { ...masked, verdict: this.#maskVerdict(masked.verdict), peak: this.#maskVerdict(masked.peak) };
    return { ...alert, transition, firing: { ...alert.firing, examples } };
  }

  /** Its reason and its versions name what comes from lines. */
  #maskVerdict(verdict: Verdict): Verdict {
    const { masker } = this.#settings;
    const { reason, comparison } = verdict;
    const masked = { ...verdict, reason: masker.maskNote(String(reason)) };
    if (comparison === undefined) return masked;
    const { newVersion, newDeployId, oldVersion } = comparison;
    return {
      ...masked,
      comparison: {
        ...comparison,
        newVersion: masker.maskName(newVersion),
        newDeployId: masker.maskName(newDeployId),
        oldVersion: oldVersion === null ? null : masker.maskName(oldVersion),
      },
    };
  }
}
