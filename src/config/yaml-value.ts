// A parsed YAML document → plain value, and beside it a tree of places. Aliases are followed within a budget, keys are
// checked, `${NAME}` is expanded. Used by yaml-source.ts alone.
import type { Document, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';

/** Nodes of a file with its aliases followed: far more than any good file has, little enough for a bomb to cost nothing. */
const maxYamlNodes = 200_000;
/** The deepest good file nests nine deep. */
const maxYamlDepth = 32;
/** More are not reported: they are echoes of one mistake. */
const maxProblems = 1000;

/** A place in a file from its top: names and indexes. */
export type YamlPath = readonly PropertyKey[];

/** Where one part of a file stands. Offsets are characters from the start of the text. */
export interface YamlNode {
  readonly start: number;
  readonly end: number;
  readonly keyStart: number | null;
  readonly scalar: boolean;
  /** The text names a variable, so the value came from the environment. */
  readonly fromVariable: boolean;
  /** Nothing but `${NAME}`: what a secret must be. */
  readonly wholeVariable: boolean;
  readonly children: ReadonlyMap<string | number, YamlNode>;
}

/** A problem found on the way, at an offset of the text. */
export interface ValueProblem {
  readonly offset: number;
  readonly path: YamlPath;
  readonly value: string;
  readonly message: string;
  readonly remedy: string;
}

/** What became of a text that may name variables. */
export interface ExpandedText {
  readonly text: string;
  readonly fromVariable: boolean;
  readonly wholeVariable: boolean;
  readonly problems: readonly { readonly source: string; readonly message: string; readonly remedy: string }[];
}

/** Expands `${NAME}` in one text. */
export type TextVariables = (text: string) => ExpandedText;

/** The value, its places, and what is wrong with keys, aliases and variables. */
export interface ReadValue {
  readonly value: unknown;
  readonly root: YamlNode;
  readonly problems: readonly ValueProblem[];
}

/** Reads a whole document. An empty one is `null`. */
export function toValue(document: Document.Parsed, text: string, variables: TextVariables | null): ReadValue {
  const reader = new ValueReader(text, variables);
  const { value, node } = reader.read(document.contents, [], null);
  return { value, root: node, problems: reader.problems };
}

interface Read {
  readonly value: unknown;
  readonly node: YamlNode;
}

const nothing = { fromVariable: false, wholeVariable: false, children: new Map<string | number, YamlNode>() };

class ValueReader {
  readonly problems: ValueProblem[] = [];
  readonly #text: string;
  readonly #variables: TextVariables | null;
  readonly #anchors = new Map<string, Node>();
  #nodeCount = 0;
  #tooDeep = false;

  constructor(text: string, variables: TextVariables | null) {
    this.#text = text;
    this.#variables = variables;
  }

  read(node: Node | null, path: YamlPath, keyStart: number | null): Read {
    const start = node?.range?.[0] ?? keyStart ?? 0;
    const end = node?.range?.[1] ?? start;
    const place = { ...nothing, start, end, keyStart, scalar: true };
    if (node === null || !this.#withinBudget(start, path)) return { value: null, node: place };
    if (isAlias(node)) return this.#readAlias(node.source, path, place);
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#readMap(node, path, place);
    if (isSeq(node)) return this.#readSeq(node, path, place);
    if (isScalar(node)) return this.#readScalar(node.value, path, place);
    return { value: null, node: place };
  }

  #withinBudget(offset: number, path: YamlPath): boolean {
    this.#nodeCount += 1;
    const limit = 'write the parts out, or split the file';
    if (path.length > maxYamlDepth) {
      if (!this.#tooDeep) this.#report(offset, path.slice(0, 3), '', `nested deeper than ${maxYamlDepth}`, limit);
      this.#tooDeep = true;
      return false;
    }
    if (this.#nodeCount === maxYamlNodes + 1) {
      return this.#report(offset, path, '', `more than ${maxYamlNodes} values, aliases followed`, limit);
    }
    return this.#nodeCount <= maxYamlNodes;
  }

  #readAlias(name: string, path: YamlPath, place: YamlNode): Read {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.#report(
        place.start,
        path,
        `*${name}`,
        `no anchor &${name} stands before this alias`,
        `define &${name} first`,
      );
      return { value: null, node: place };
    }
    const { value, node } = this.read(target, path, place.keyStart);
    return { value, node: { ...node, keyStart: place.keyStart } };
  }

  #readMap(map: YAMLMap<unknown, unknown>, path: YamlPath, place: YamlNode): Read {
    const value: Record<string, unknown> = {};
    const children = new Map<string | number, YamlNode>();
    for (const pair of map.items) {
      const key = this.#readKey(pair, path, children);
      if (key === null) continue;
      const read = this.read(pair.value as Node | null, [...path, key.name], key.start);
      value[key.name] = read.value;
      children.set(key.name, read.node);
    }
    return { value, node: { ...place, scalar: false, children } };
  }

  #readKey(
    pair: Pair<unknown, unknown>,
    path: YamlPath,
    before: ReadonlyMap<string | number, YamlNode>,
  ): { readonly name: string; readonly start: number } | null {
    const key = pair.key as Node | null;
    const start = key?.range?.[0] ?? 0;
    const report = (message: string, remedy: string) => {
      const shown = this.#text.slice(start, Math.min(key?.range?.[1] ?? start, start + 80));
      this.#report(start, path, shown, message, remedy);
      return null;
    };
    if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
      return report('a key must be a name', 'write name: value');
    }
    const name = String(key.value);
    // Assigning it would change the object instead of adding a key.
    if (name === '__proto__') return report('unknown key __proto__', 'take it out');
    const first = before.get(name);
    if (first === undefined) return { name, start };
    return report(`${name} stands twice in one map`, 'keep one of the two');
  }

  #readSeq(seq: YAMLSeq<unknown>, path: YamlPath, place: YamlNode): Read {
    const children = new Map<string | number, YamlNode>();
    const value = seq.items.map((item, index) => {
      const read = this.read(item as Node | null, [...path, index], null);
      children.set(index, read.node);
      return read.value;
    });
    return { value, node: { ...place, scalar: false, children } };
  }

  #readScalar(value: unknown, path: YamlPath, place: YamlNode): Read {
    // `%YAML 1.1` can make dates and buffers: people who wrote them meant the text.
    if (typeof value === 'object' && value !== null) {
      return { value: this.#text.slice(place.start, place.end), node: place };
    }
    if (typeof value !== 'string' || this.#variables === null) return { value, node: place };
    const expanded = this.#variables(value);
    for (const { source, message, remedy } of expanded.problems) {
      const within = this.#text.slice(place.start, place.end).indexOf(source);
      this.#report(place.start + Math.max(0, within), path, source, message, remedy);
    }
    const { fromVariable, wholeVariable } = expanded;
    return { value: expanded.text, node: { ...place, fromVariable, wholeVariable } };
  }

  #report(offset: number, path: YamlPath, value: string, message: string, remedy: string): false {
    if (this.problems.length < maxProblems) this.problems.push({ offset, path, value, message, remedy });
    return false;
  }
}
