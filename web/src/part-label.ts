/** Of the parts in which choices are counted: up to ten architectures stand singly. @param done architectures */
export function partLabel(done: number): string {
  return done > 10 ? 'tenth of the search' : 'architecture';
}
