// The GPU that WebGPU would use, in the browser's words.

/** Undefined where there is no WebGPU. */
export async function graphicsAdapter(): Promise<string | undefined> {
  if (!('gpu' in navigator)) return undefined;
  const gpu: { requestAdapter?: () => Promise<{ readonly info?: Readonly<Record<string, unknown>> } | null> } = Object(navigator.gpu);
  try {
    const adapter = await gpu.requestAdapter?.();
    if (!adapter) return undefined;
    const words = ['vendor', 'architecture', 'device', 'description'].flatMap((key) => String(adapter.info?.[key] ?? '') || []);
    return words.join(' ') || 'unnamed';
  } catch {
    return undefined;
  }
}
