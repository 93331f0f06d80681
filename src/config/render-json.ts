// JSON as the formatter of this project writes it: objects one key a line, short lists of plain values on one line.

const lineWidth = 120;

/** The text of a file, with the newline at its end. */
export function renderJson(value: unknown): string {
  return `${render(value, '', 0)}\n`;
}

function render(value: unknown, indent: string, used: number): string {
  if (Array.isArray(value)) return renderList(value, indent, used);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  const inner = `${indent}  `;
  const lines = entries.map(([name, item]) => {
    const key = `${inner}${JSON.stringify(name)}: `;
    return `${key}${render(item, inner, key.length)}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function renderList(items: readonly unknown[], indent: string, used: number): string {
  const inner = `${indent}  `;
  const texts = items.map((item) => render(item, inner, inner.length));
  const line = `[${texts.join(', ')}]`;
  const isShort = used + line.length < lineWidth && !line.includes('\n');
  return isShort ? line : `[\n${texts.map((text) => `${inner}${text}`).join(',\n')}\n${indent}]`;
}
