// What shows that files have changed, without reading them: asked every second or two while rules are watched.
import { stat } from 'node:fs/promises';

/** Names, inodes, sizes and times of change as one text; a file that is gone says so. Never rejects. */
export async function fileSignature(files: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const file of files) parts.push(`${file} ${await signatureOf(file)}`);
  return parts.join('\n');
}

async function signatureOf(file: string): Promise<string> {
  try {
    // Of a mounted ConfigMap the names are links: what they lead to has another inode after a change.
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'gone';
  }
}
