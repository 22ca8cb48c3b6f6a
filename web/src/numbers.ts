// Figures as people read them: as many digits as the number of images supports, counts whole, times with their units.

/** Of seconds: `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`. */
export function spanText(seconds: number): string {
  const s = Math.max(0, seconds);
  if (s < 99.5) return `${Math.round(s)} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** ISO form without seconds, by this machine's clock: 2026-11-27 09:30. */
export function dateText(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '–';
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
