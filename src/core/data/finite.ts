/** Whether no value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // The difference from itself is 0 but for these; a callback a value would take ten times as long.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) return false;
  }
  return true;
}
