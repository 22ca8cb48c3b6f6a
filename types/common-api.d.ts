// The globals that every place where JavaScript runs has (WinterTC's Minimum Common API, https://min-common-api.proposal.wintertc.org),
// as far as the core uses them. The core is compiled with these alone: `tsc -p tsconfig.core.json`.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean });
  decode(bytes?: Uint8Array | ArrayBuffer): string;
}

interface AbortSignal {
  readonly aborted: boolean;
  // As everywhere: whatever it was given.
  // biome-ignore lint/suspicious/noExplicitAny: the standard's own type
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(kind: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(kind: 'abort', listener: () => void): void;
}

declare const AbortSignal: {
  any(signals: readonly AbortSignal[]): AbortSignal;
};

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare const performance: { now(): number };
declare const crypto: { randomUUID(): string };

declare function setTimeout(callback: (value?: unknown) => void, milliseconds?: number): unknown;
declare function setInterval(callback: () => void, milliseconds?: number): unknown;
declare function clearInterval(timer: unknown): void;
declare function atob(text: string): string;
declare function btoa(text: string): string;
