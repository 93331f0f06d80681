// Windows and alerts, masked for their documents and messages: the names on their labels and their examples come from lines.
import type { CountExample, WindowCount } from '#core/count/count-row.ts';
import type { Edge } from '#core/count/edge.ts';
import { edgeLabels } from '#core/count/edge.ts';
import type { AlertTransition } from '#core/evaluate/transition.ts';
import type { Labels } from '#core/labels.ts';
import type { Masker } from './masker.ts';

const namesOfEdges: ReadonlySet<string> = new Set(edgeLabels);

/** The window with its edge’s names and its examples’ request ids masked. */
export function maskWindow(window: WindowCount, masker: Masker): WindowCount {
  const examples = Object.entries(window.examples).map(([flag, list]) => [flag, maskExamples(list, masker)] as const);
  const edge = maskLabels(window.edge, masker) as Edge;
  return { ...window, edge, examples: Object.fromEntries(examples) };
}

/** The transition with labels, annotations and examples masked; what identifies it (`id`, `fingerprint`) stays. */
export function maskTransition(transition: AlertTransition, masker: Masker): AlertTransition {
  const { labels, annotations, examples } = transition;
  return {
    ...transition,
    labels: maskLabels(labels, masker),
    annotations: mapTexts(annotations, (text) => masker.maskNote(text)),
    examples: maskExamples(examples, masker),
  };
}

/** Examples with their request ids masked. */
export function maskExamples(examples: readonly CountExample[], masker: Masker): readonly CountExample[] {
  return examples.map((example) => {
    // Written by another process: what is in the list is not certain.
    const requestId: unknown = (example as Partial<CountExample> | null)?.requestId;
    return typeof requestId === 'string' ? { ...example, requestId: masker.maskId(requestId) } : example;
  });
}

/** An edge’s labels are names; those of a rule are notes. */
function maskLabels(labels: Labels, masker: Masker): Labels {
  return mapTexts(labels, (text, name) => (namesOfEdges.has(name) ? masker.maskName(text) : masker.maskNote(text)));
}

function mapTexts(texts: Labels, mask: (text: string, name: string) => string): Labels {
  const entries = Object.entries(texts).map(([name, text]) => {
    return [name, typeof text === 'string' ? mask(text, name) : text] as const;
  });
  return Object.fromEntries(entries);
}
