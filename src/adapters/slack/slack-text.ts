// Plain text → what Slack shows as exactly that text. Slack reads `&`, `<` and `>` as control characters everywhere, and more
// than that in mrkdwn; whoever writes into a log line must be able to use none of it.

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * The text escaped, at most `maxLength` UTF-16 units after escaping, with an ellipsis where it was cut. Never cuts an entity or
 * a character in half.
 */
export function escapeText(text: string, maxLength: number): string {
  let escaped = '';
  let fits = '';
  for (const character of text) {
    const piece = entities[character] ?? character;
    if (escaped.length + piece.length > maxLength) return `${fits}…`;
    escaped += piece;
    if (escaped.length < maxLength) fits = escaped;
  }
  return escaped;
}

/**
 * One line of text for a mrkdwn object, escaped and bounded likewise: where it holds what mrkdwn would format (`*`, `_`, `~`,
 * backticks, `:emoji:`), it is shown as code, in which nothing is formatted.
 */
export function escapeMrkdwn(text: string, maxLength: number): string {
  // Only what can be shown is searched: the search takes time with the square of its length.
  const isFormatted = /[*_~`]|:[\w+'-]*[a-z][\w+'-]*:/i.test(text.slice(0, maxLength));
  return isFormatted ? escapeCode(text, maxLength) : escapeText(text, maxLength);
}

/** One line of text as code: it can be copied as it is. Backticks, which would end the code, become acute accents. */
export function escapeCode(text: string, maxLength: number): string {
  return `\`${escapeText(text.replaceAll('`', '´'), maxLength - 2)}\``;
}

/** A link, or the text alone where the address does not fit or is none. The address is percent-encoded where Slack would end it. */
export function escapeLink(link: { readonly text: string; readonly url: string }, maxLength: number): string {
  const url = link.url.replace(/[|<>\s`]/g, encodeURIComponent).replaceAll('&', '&amp;');
  const room = maxLength - url.length - 3;
  if (!/^https?:\/\//.test(url) || room < 20) return escapeCode(link.text, maxLength);
  return `<${url}|${escapeText(link.text.replaceAll('|', '¦'), room)}>`;
}
