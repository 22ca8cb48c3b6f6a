// What a network took on a device, in a table: measured, predicted, and how much runs differed.

interface Timing {
  /** Milliseconds. */
  readonly measured: { readonly median: number; readonly low: number; readonly high: number };
  /** Null or absent where nothing was. */
  readonly predicted?: number | null | undefined;
}

export function TimingHeads() {
  return (
    <>
      <th>measured</th>
      <th>predicted</th>
      <th>quartiles</th>
    </>
  );
}

export function TimingCells({ measured: { median, low, high }, predicted }: Timing) {
  return (
    <>
      <td>{median.toFixed(1)} ms</td>
      <td>{predicted == null ? '–' : `${predicted.toFixed(1)} ms`}</td>
      <td>
        {low.toFixed(1)} to {high.toFixed(1)} ms
      </td>
    </>
  );
}
