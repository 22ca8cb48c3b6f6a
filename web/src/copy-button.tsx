// Puts a text into the clipboard, and says whether that went well.

import { useState } from 'react';

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState(`copy ${what}`);
  return (
    <button
      type="button"
      onClick={() =>
        navigator.clipboard.writeText(text).then(
          () => setSaid('copied'),
          () => setSaid('could not be copied'),
        )
      }
    >
      {said}
    </button>
  );
}
