// What cannot be drawn is said in words, and costs nothing around it.

import { Component, type ReactNode } from 'react';

export interface BoundaryProps {
  /** What stands there then, before the reason. */
  readonly what: string;
  readonly children: ReactNode;
}

export class Boundary extends Component<BoundaryProps, { readonly reason?: string }> {
  override state: { readonly reason?: string } = {};

  static getDerivedStateFromError(error: unknown): { reason: string } {
    return { reason: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    const { reason } = this.state;
    if (reason === undefined) return this.props.children;
    return (
      <p className="note" role="alert">
        {this.props.what}: {reason}
      </p>
    );
  }
}
