// Puts a text into the clipboard, and says whether that went well.

import { useState } from 'react';

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState(`copy ${what}`);
  return (
    <button
      type="button"
      onClick={() =>
        copy(text).then(
          () => setSaid('copied'),
          () => setSaid('could not be copied'),
        )
      }
    >
      {said}
    </button>
  );
}

/** Browsers keep their clipboard from pages over plain http, and let them copy what is selected. */
async function copy(text: string): Promise<void> {
  if ('clipboard' in navigator) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  document.body.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  if (!isDone) throw new Error('the browser copies nothing');
}
