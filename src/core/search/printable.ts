// Texts from elsewhere as they may be printed.

/** Control characters, and those that turn text around or hide it, as their numbers; cut where it is very long. */
export function printable(text: string, most = 2000): string {
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return shown.length > most ? `${shown.slice(0, most)} …` : shown;
}

const hidden = '***';

/** Without the password. */
export function printableUrl(url: string): string {
  // By pattern first: what is no address may hold one all the same.
  return printable(
    url
      .replace(/\/\/([^/?#]*)@/, (_, user: string) => `//${user.split(':')[0]}${user.includes(':') ? `:${hidden}` : ''}@`)
      .replaceAll(/([?&]\w*(?:pass|auth|token)\w*=)[^&#]*/gi, `$1${hidden}`),
  );
}

/** A text about an address, without its password. */
export function withoutPassword(text: string, url: string): string {
  const [, user = ''] = /\/\/([^/?#]*)@/.exec(url) ?? [];
  const password = user.slice(user.indexOf(':') + 1);
  const forms = user.includes(':') && password !== '' ? [password, decoded(password)] : [];
  return printable(forms.reduce((t, form) => t.replaceAll(form, hidden), text.replaceAll(url, printableUrl(url))));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
